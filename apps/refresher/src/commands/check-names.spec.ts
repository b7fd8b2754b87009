import { KubernetesError, type NamedMetadata } from '@ecr-anywhere/kubernetes';
import { ANNOTATIONS, LABELS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { checkNames, checkNamesCode, checkNamesText, type CheckNamesOptions } from './check-names.ts';

const FILLED = { [ANNOTATIONS.expiresAt]: '2026-01-02T03:04:05Z' };

/** Two enabled namespaces, one of another installation, and one that is not enabled. */
const NAMESPACES = new Map<string, Record<string, string>>([
  ['blue', { [LABELS.namespace]: 'enabled', team: 'a' }],
  ['red', { [LABELS.namespace]: 'enabled', team: 'a' }],
  ['theirs', { [LABELS.namespace]: 'enabled', team: 'b' }],
  ['plain', {}],
]);

function secret(place: string, more: Partial<NamedMetadata> = {}): NamedMetadata {
  const [namespace = '', name = ''] = place.split('/');
  return { namespace, name, ...more };
}

function cluster(secrets: readonly NamedMetadata[]): CheckNamesOptions['cluster'] {
  return {
    async *listEnabledNamespaces() {
      for (const [name, labels] of NAMESPACES) if (LABELS.namespace in labels) yield { name, labels };
    },
    async getNamespace(name) {
      const labels = NAMESPACES.get(name);
      return labels && { name, labels };
    },
    async *listManagedSecrets(namespace) {
      if (namespace === 'red') throw new KubernetesError('unavailable', 'the list broke off');
      for (const found of secrets) if (namespace === undefined || found.namespace === namespace) yield found;
    },
  };
}

describe('the check of the names of Secrets', () => {
  const checked = (secrets: readonly NamedMetadata[], options: Partial<CheckNamesOptions> = {}) =>
    checkNames({
      cluster: cluster(secrets),
      namespaces: [],
      namespaceLabels: { team: 'a' },
      namespacesSetting: 'NAMESPACES',
      secretNames: ['pull', 'other'],
      secretNamesSetting: 'SECRET_NAMES',
      signal: new AbortController().signal,
      ...options,
    });

  it('passes if every managed Secret has one of the names', async () => {
    const result = await checked([secret('blue/pull'), secret('red/other')]);
    expect(result).toEqual({
      isPassed: true,
      message: 'every managed Secret has one of the names pull, other',
      others: [],
    });
    expect(checkNamesCode(result)).toBe(0);
  });

  it('names the Secrets that nobody would refresh, and says what to do', async () => {
    const result = await checked([secret('blue/pull'), secret('blue/third'), secret('red/fourth')]);
    expect(checkNamesCode(result)).toBe(1);
    expect(checkNamesText(result, 'text')).toBe(
      'managed Secrets have other names than pull, other: blue/third, red/fourth; nobody would refresh them: add their ' +
        'names to rbac.secretNames, or create them again under one of these names, or take the label ' +
        'ecr-anywhere.centml.ai/managed off them',
    );
    expect(JSON.parse(checkNamesText(result, 'json'))).toEqual({
      result: 'failed',
      message: result.message,
      secrets: ['blue/third', 'red/fourth'],
    });
  });

  it('names ten at most, and counts the others', async () => {
    const secrets = Array.from({ length: 5_000 }, (_, index) => secret(`blue/s${index}`));
    const { message } = await checked(secrets);
    expect(message).toContain('blue/s9, and 4990 more;');
    expect(message.length).toBeLessThan(1_000);
  });

  // Nobody refreshes it today either, and whoever may create it there could stop every upgrade of the chart.
  it('leaves out a Secret in a namespace that is not enabled, even if it looks as if it was filled', async () => {
    const filled = secret('plain/third', { annotations: FILLED });
    expect(await checked([filled])).toMatchObject({ isPassed: true });
  });

  it('leaves out Secrets of other installations, and those that are being deleted', async () => {
    const dying = secret('blue/third', { deletionTimestamp: '2026-01-02T03:04:05Z' });
    expect(await checked([secret('theirs/third'), dying])).toMatchObject({ isPassed: true });
  });

  it('does not pass if not all Secrets could be listed', async () => {
    const result = await checked([secret('blue/pull')], { namespaces: ['blue', 'red'] });
    expect(result).toMatchObject({
      isPassed: undefined,
      message: 'not all Secrets could be listed: namespace red: the list broke off',
    });
    expect(checkNamesCode(result)).toBe(2);
    const signal = AbortSignal.abort('SIGTERM');
    expect(await checked([], { signal })).toMatchObject({
      isPassed: undefined,
      message: 'not all Secrets could be listed: stopped early (SIGTERM)',
    });
  });

  it('does not pass without names', async () => {
    const result = await checked([], { secretNames: [] });
    expect(result).toMatchObject({ isPassed: undefined, message: 'SECRET_NAMES contains no names' });
  });
});
