import { KubernetesError, type NamedMetadata } from '@ecr-anywhere/kubernetes';
import { allFresh, ANNOTATIONS, LABELS, summaryLine, type Outcome } from '@ecr-anywhere/secret-scan';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MOST_NAMESPACES } from '../kubernetes/enabled-namespaces.ts';
import type { ManagedSecrets, MarkAnswer } from '../kubernetes/managed-secrets.ts';
import type { Namespaces } from '../kubernetes/namespaces.ts';
import { exitCode } from '../report/exit-code.ts';
import { lastLine } from '../report/last-line.ts';
import { refreshDueSecrets, type RunOptions } from './refresh-due-secrets.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const HOUR = 3_600_000;

function secret(
  namespace: string,
  name: string,
  hours?: number,
  more: Partial<NamedMetadata> = {},
): NamedMetadata {
  return {
    namespace,
    name,
    ...(hours !== undefined && {
      annotations: {
        [ANNOTATIONS.expiresAt]: new Date(NOW + hours * HOUR).toISOString(),
        [ANNOTATIONS.updatedAt]: 'before',
      },
    }),
    ...more,
  };
}

/** A cluster in memory, with a webhook that refreshes every Secret that is marked. */
class ClusterInMemory implements Namespaces, ManagedSecrets {
  namespaces = new Map([['blue', { [LABELS.namespace]: 'enabled' }]]) as Map<string, Record<string, string>>;
  secrets: NamedMetadata[] = [];
  marked: string[] = [];
  asked: string[] = [];
  dryRuns: string[] = [];
  listed = 0;
  running = 0;
  mostRunning = 0;
  onMark: (secret: NamedMetadata) => void = () => undefined;

  async *listEnabledNamespaces(): AsyncIterable<{ name: string; labels?: Record<string, string> }> {
    for (const [name, labels] of this.namespaces) if (LABELS.namespace in labels) yield { name, labels };
  }

  async getNamespace(name: string) {
    const labels = this.namespaces.get(name);
    return labels && { name, labels };
  }

  async *listManagedSecrets(namespace?: string) {
    for (const found of this.secrets) {
      if (namespace !== undefined && found.namespace !== namespace) continue;
      this.listed += 1;
      yield found;
    }
  }

  /** The warnings of each answer to a mark. */
  warnings: string[] = [];

  /** How the webhook changes a Secret. */
  refreshed: (secret: NamedMetadata) => NamedMetadata = ({ namespace, name }) => ({
    namespace,
    name,
    annotations: {
      [ANNOTATIONS.expiresAt]: new Date(NOW + 12 * HOUR).toISOString(),
      [ANNOTATIONS.updatedAt]: 'after',
    },
  });

  async markSecret(asked: NamedMetadata, _now: number, { dryRun = false } = {}): Promise<MarkAnswer> {
    if (dryRun) {
      this.dryRuns.push(`${asked.namespace}/${asked.name}`);
      this.onMark(asked);
      return { metadata: this.refreshed(asked), warnings: this.warnings };
    }
    this.mostRunning = Math.max(this.mostRunning, ++this.running);
    await new Promise((passed) => setImmediate(passed));
    this.running -= 1;
    this.asked.push(asked.name ?? '');
    this.onMark(asked);
    this.marked.push(`${asked.namespace}/${asked.name}`);
    return { metadata: this.refreshed(asked), warnings: this.warnings };
  }
}

describe('a run of the refresher', () => {
  let cluster: ClusterInMemory;
  let outcomes: Outcome[];
  let namespaceFailures: string[];
  let calls: string[];

  beforeEach(() => {
    cluster = new ClusterInMemory();
    outcomes = [];
    namespaceFailures = [];
    calls = [];
  });

  const runWith = (changes: Partial<RunOptions> = {}) =>
    refreshDueSecrets({
      cluster,
      namespaces: [],
      namespaceLabels: {},
      namespacesSetting: '--namespaces',
      concurrency: 3,
      dryRun: false,
      policy: { threshold: 6 * HOUR },
      profiles: { nameOf: () => 'default', readAgain: () => undefined },
      pauses: [0, 0],
      clock: () => NOW,
      signal: new AbortController().signal,
      onOutcome: (outcome) => outcomes.push(outcome),
      onWebhookCall: (call) => calls.push(call),
      onNamespaceFailure: (namespace, message) => namespaceFailures.push(`${namespace}: ${message}`),
      ...changes,
    });

  it('marks only Secrets that are due', async () => {
    cluster.secrets = [secret('blue', 'a', 2), secret('blue', 'b', 9), secret('blue', 'c')];
    const { summary, stopped } = await runWith();
    expect(cluster.marked.sort()).toEqual(['blue/a', 'blue/c']);
    expect(summaryLine(summary)).toBe(
      'checked 3, due 2, refreshed 2, failed 0; first to end: blue/b at 2026-01-02T12:04:05Z',
    );
    expect(stopped).toBeUndefined();
  });

  it('reports a Secret that is due, and was not reached before SIGTERM', async () => {
    const stop = new AbortController();
    cluster.listManagedSecrets = async function* () {
      yield secret('blue', 'a', 2);
      stop.abort('SIGTERM');
      yield secret('blue', 'b', 2);
    };
    const { summary } = await runWith({ signal: stop.signal });
    expect(summary).toMatchObject({ refreshed: 1, skipped: 1 });
    expect(outcomes).toContainEqual(expect.objectContaining({ name: 'b', result: 'skipped' }));
  });

  it('marks nothing in a dry run', async () => {
    cluster.secrets = [secret('blue', 'a', 2)];
    await runWith({ dryRun: true });
    expect(cluster.marked).toEqual([]);
    expect(outcomes).toMatchObject([{ name: 'a', result: 'planned', due: 'expires-soon' }]);
  });

  it('marks nothing in a namespace that is not enabled, and fails if credentials end there', async () => {
    cluster.namespaces.set('grey', {});
    cluster.secrets = [
      secret('grey', 'never-ours'),
      secret('grey', 'still-good', 9),
      secret('grey', 'dying', 2),
    ];
    const { summary } = await runWith();
    expect(cluster.marked).toEqual([]);
    expect(summary).toMatchObject({ checked: 2, failed: 1, firstFailure: { name: 'dying' } });
  });

  describe('beside another installation', () => {
    const ENABLED = { [LABELS.namespace]: 'enabled' };
    const ofTeamA = (changes: Partial<RunOptions> = {}) =>
      runWith({ namespaceLabels: { team: 'a' }, ...changes });

    beforeEach(() => {
      cluster.namespaces = new Map([
        ['ours', { ...ENABLED, team: 'a' }],
        ['theirs', { ...ENABLED, team: 'b' }],
        ['grey', { team: 'b' }],
      ]);
    });

    it.each([
      ['in all namespaces', []],
      ['in named namespaces', ['theirs', 'ours', 'grey']],
    ])('neither counts nor marks its Secrets, %s', async (_, namespaces) => {
      cluster.secrets = [secret('theirs', 'dead', -1), secret('ours', 'due', 2), secret('theirs', 'new')];
      const { summary } = await ofTeamA({ namespaces });
      expect(cluster.marked).toEqual(['ours/due']);
      expect(summary).toMatchObject({ checked: 1, refreshed: 1, failed: 0 });
      expect(outcomes.map(({ namespace }) => namespace)).toEqual(['ours']);
    });

    it('fails for credentials that end in a namespace that is not enabled, whoever filled them', async () => {
      cluster.secrets = [secret('grey', 'dying', 2)];
      for (const namespaces of [[], ['grey']]) {
        const { summary } = await ofTeamA({ namespaces });
        expect(summary).toMatchObject({ failed: 1, firstFailure: { namespace: 'grey', name: 'dying' } });
      }
    });

    it('tests the webhook only with its own Secrets', async () => {
      cluster.secrets = [secret('theirs', 'a', 9), secret('ours', 'b', 9), secret('theirs', 'c', 9)];
      expect((await ofTeamA()).trial).toMatchObject({ result: 'passed', namespace: 'ours', name: 'b' });
      cluster.secrets = [secret('theirs', 'a', 9)];
      expect((await ofTeamA()).trial).toEqual({ result: 'none' });
      expect(cluster.dryRuns).toEqual(['ours/b']);
    });

    it('stops on SIGTERM also while it lists only Secrets of the other one', async () => {
      const stop = new AbortController();
      cluster.listManagedSecrets = async function* () {
        for (; cluster.listed < 10; cluster.listed++) {
          if (cluster.listed === 3) stop.abort('SIGTERM');
          yield secret('theirs', 'a', 2);
        }
      };
      expect((await ofTeamA({ signal: stop.signal })).stopped).toBe('SIGTERM');
      expect(cluster.listed).toBe(3);
    });

    it('fails for a namespace that changes hands during the run, and no longer in the next run', async () => {
      cluster.secrets = [secret('ours', 'due', 2)];
      cluster.refreshed = (listed) => listed; // this webhook is no longer called for it
      cluster.onMark = () => cluster.namespaces.set('ours', { ...ENABLED, team: 'b' });
      expect((await ofTeamA()).summary).toMatchObject({ checked: 1, failed: 1 });
      expect((await ofTeamA()).summary).toMatchObject({ checked: 0, failed: 0 });
    });
  });

  it('checks only the named namespaces, and fails if one does not exist', async () => {
    cluster.namespaces.set('red', { [LABELS.namespace]: 'enabled' });
    cluster.secrets = [secret('blue', 'a', 2), secret('red', 'b', 2)];
    const { summary } = await runWith({ namespaces: ['gone', 'red'] });
    expect(cluster.marked).toEqual(['red/b']);
    expect(summaryLine(summary)).toMatch(
      /^checked 1, due 1, refreshed 1, failed 0, namespaces not checked 1; first to end: .*; first failure: namespace gone: there is no such namespace; correct --namespaces$/,
    );
    expect(namespaceFailures).toEqual(['gone: there is no such namespace; correct --namespaces']);
    expect(allFresh(summary)).toBe(false);
  });

  it('checks the other named namespaces if it has no rights in one of them', async () => {
    cluster.namespaces.set('red', { [LABELS.namespace]: 'enabled' });
    cluster.secrets = [secret('blue', 'a', 2), secret('red', 'b', 2)];
    const { getNamespace } = cluster;
    cluster.getNamespace = async (name) => {
      if (name === 'gone') throw new KubernetesError('forbidden', 'namespaces "gone" is forbidden');
      return getNamespace.call(cluster, name);
    };
    const { summary, stopped } = await runWith({ namespaces: ['blue', 'gone', 'red'] });
    expect(cluster.marked.sort()).toEqual(['blue/a', 'red/b']);
    expect(stopped).toBeUndefined();
    expect(summary).toMatchObject({
      refreshed: 2,
      failed: 0,
      namespacesFailed: 1,
      firstFailure: { namespace: 'gone', message: expect.stringContaining('remove it from --namespaces') },
    });
  });

  it('cannot run if the API server does not answer for the only named namespace', async () => {
    cluster.getNamespace = async () => {
      throw new KubernetesError('unavailable', 'no answer');
    };
    await expect(runWith({ namespaces: ['blue'] })).rejects.toThrow('no answer');
  });

  describe('with several named namespaces, in which a list breaks off', () => {
    const NAMES = ['blue', 'red', 'grey', 'pink', 'lime', 'teal', 'gold'];
    let broken: ReadonlyMap<string, KubernetesError>;

    beforeEach(() => {
      for (const name of NAMES) cluster.namespaces.set(name, { [LABELS.namespace]: 'enabled' });
      cluster.secrets = NAMES.map((name) => secret(name, 'pull', 2));
      const { listManagedSecrets } = cluster;
      cluster.listManagedSecrets = async function* (namespace = '') {
        yield* listManagedSecrets.call(cluster, namespace);
        const error = broken.get(namespace);
        if (error) throw error;
      };
    });

    it('continues with the next namespace; it has the exit code 2 and names the first reason', async () => {
      broken = new Map([
        ['blue', new KubernetesError('unavailable', 'no leader')],
        ['grey', new KubernetesError('too-large', 'another reason')],
      ]);
      const result = await runWith({ namespaces: NAMES });
      expect(cluster.marked.sort()).toEqual(NAMES.map((name) => `${name}/pull`).sort());
      expect(namespaceFailures).toEqual(['blue: no leader', 'grey: another reason']);
      expect(exitCode(result)).toBe(2);
      expect(lastLine(result)).toMatch(
        /^stopped early \(the list broke off: namespace blue: no leader\): checked 7, due 7, refreshed 7, failed 0, namespaces not checked 2;/,
      );
    });

    it('has the same result if no namespace could be checked', async () => {
      cluster.getNamespace = async (name) => {
        throw new KubernetesError('unavailable', `no answer for ${name}`);
      };
      const result = await runWith({ namespaces: ['blue', 'red'] });
      expect(exitCode(result)).toBe(2);
      expect(lastLine(result)).toContain('the list broke off: namespace blue: no answer for blue');
    });

    it('does not go on with the next namespace after SIGTERM', async () => {
      const stop = new AbortController();
      cluster.listManagedSecrets = (namespace) => {
        cluster.asked.push(namespace ?? '');
        stop.abort('SIGTERM');
        throw new KubernetesError('unavailable', 'no leader');
      };
      const result = await runWith({ namespaces: NAMES, signal: stop.signal });
      expect(cluster.asked).toEqual(['blue']);
      expect(result.stopped).toBe('SIGTERM; the list broke off: no leader');
      expect(exitCode(result)).toBe(2);
    });

    it('does not go on after five timeouts in a row', async () => {
      const late = new KubernetesError('unavailable', 'no answer within 30 s', true);
      broken = new Map(NAMES.map((name) => [name, late]));
      const result = await runWith({ namespaces: NAMES });
      expect(namespaceFailures).toHaveLength(5);
      expect(result.stopped).toMatch(/^5 requests in a row timed out; the list broke off: namespace blue: /);
      expect(exitCode(result)).toBe(2);

      broken = new Map(NAMES.filter((name) => name !== 'pink').map((name) => [name, late]));
      expect((await runWith({ namespaces: NAMES })).summary.namespacesFailed).toBe(6);
    });
  });

  it('continues after a failure, and names the first one', async () => {
    cluster.secrets = [secret('blue', 'a', 2), secret('blue', 'b', 2)];
    cluster.onMark = ({ name }) => {
      if (name === 'a') throw new KubernetesError('webhook-refused', 'no token could be had');
    };
    const { summary } = await runWith();
    expect(summary).toMatchObject({
      refreshed: 1,
      failed: 1,
      firstFailure: { name: 'a', message: 'no token could be had' },
    });
  });

  it('fails if a forced refresh left the old credentials because AWS gives no token', async () => {
    cluster.secrets = [secret('blue', 'a', 9)];
    cluster.refreshed = () =>
      secret('blue', 'a', undefined, {
        annotations: {
          ...cluster.secrets[0]?.annotations,
          [ANNOTATIONS.updatedAt]: 'after',
        },
      });
    cluster.warnings = [
      'ECR Anywhere cannot renew its token (network); the old credentials stay, until noon',
    ];
    const result = await runWith({ policy: { threshold: 6 * HOUR, force: true } });
    expect(exitCode(result)).toBe(1);
    expect(lastLine(result)).toContain(
      'first failure: blue/a: The credentials were not renewed: ECR Anywhere cannot renew',
    );
    // In a trial, no Secret needs a new token now.
    expect((await runWith()).trial).toMatchObject({ result: 'passed' });
  });

  it('does not fail if a Secret was deleted meanwhile, or is being deleted', async () => {
    cluster.secrets = [
      secret('blue', 'a', 2),
      secret('blue', 'b', 2, { deletionTimestamp: '2026-01-02T03:04:05Z' }),
    ];
    cluster.onMark = () => {
      throw new KubernetesError('not-found', 'secrets "a" not found');
    };
    const { summary } = await runWith();
    expect(summaryLine(summary)).toBe('checked 2, due 0, refreshed 0, failed 0');
    expect(cluster.asked).toEqual(['a']); // "b" is not marked: the webhook does not change Secrets that are being deleted
  });

  it('marks a limited number of Secrets at a time, and lists no more than it has room for', async () => {
    cluster.secrets = Array.from({ length: 1_000 }, (_, index) => secret('blue', `s${index}`, 2));
    let mostAhead = 0;
    cluster.onMark = () => void (mostAhead = Math.max(mostAhead, cluster.listed - cluster.marked.length));
    await runWith();
    expect(cluster.marked).toHaveLength(1_000);
    expect(cluster.mostRunning).toBe(3);
    expect(mostAhead).toBeLessThanOrEqual(4);
  });

  it('ends after five timeouts in a row, and says so', async () => {
    cluster.secrets = Array.from({ length: 100 }, (_, index) => secret('blue', `s${index}`, 2));
    cluster.onMark = () => {
      throw new KubernetesError('webhook-failed', 'context deadline exceeded', true);
    };
    const { summary, stopped } = await runWith({ concurrency: 1 });
    expect(stopped).toBe('5 requests in a row timed out');
    expect(summary.failed).toBe(5);
  });

  it('does not end if there are successes between the timeouts', async () => {
    cluster.secrets = Array.from({ length: 20 }, (_, index) => secret('blue', `s${index}`, 2));
    cluster.onMark = ({ name }) => {
      if (Number(name?.slice(1)) % 5 !== 0)
        throw new KubernetesError('webhook-failed', 'context deadline exceeded', true);
    };
    expect((await runWith({ concurrency: 1 })).stopped).toBeUndefined();
  });

  it.each(['not-found', 'secret-at-fault'] as const)(
    'does not end if there are other failures between the timeouts (%s)',
    async (failure) => {
      cluster.secrets = Array.from({ length: 20 }, (_, index) => secret('blue', `s${index}`, 2));
      cluster.onMark = ({ name }) => {
        if (Number(name?.slice(1)) % 5 === 0) throw new KubernetesError(failure, 'it cannot be filled');
        throw new KubernetesError('webhook-failed', 'context deadline exceeded', true);
      };
      const { summary, stopped } = await runWith({ concurrency: 1 });
      expect(stopped).toBeUndefined();
      expect(summary.checked).toBe(20);
    },
  );

  it('waits on SIGTERM for the requests that are running, begins no others, and says why', async () => {
    cluster.secrets = Array.from({ length: 100 }, (_, index) => secret('blue', `s${index}`, 2));
    const stop = new AbortController();
    cluster.onMark = () => {
      if (cluster.marked.length === 10) stop.abort('SIGTERM');
    };
    const { summary, stopped } = await runWith({ signal: stop.signal });
    expect(stopped).toBe('SIGTERM');
    expect(summary.refreshed).toBe(cluster.marked.length);
    expect(summary.refreshed).toBeLessThan(20);
  });

  it('sends no request if SIGTERM came before it began', async () => {
    cluster.listManagedSecrets = cluster.listEnabledNamespaces = () => {
      throw new Error('asked');
    };
    expect(await runWith({ signal: AbortSignal.abort('SIGTERM') })).toMatchObject({ stopped: 'SIGTERM' });
  });

  it('sends no more requests after SIGTERM, even before the first Secret', async () => {
    const stop = new AbortController();
    const pages = jest.fn();
    cluster.listEnabledNamespaces = async function* () {
      for (const name of ['blue', 'red', 'grey']) {
        pages();
        yield { name };
        stop.abort('SIGTERM');
      }
    };
    cluster.listManagedSecrets = () => {
      throw new Error('asked');
    };
    expect(await runWith({ signal: stop.signal })).toMatchObject({ stopped: 'SIGTERM' });
    expect(pages).toHaveBeenCalledTimes(2);

    const later = new AbortController();
    const namespace = jest.fn(async () => {
      later.abort('SIGTERM');
      return undefined;
    });
    cluster.getNamespace = namespace;
    expect(await runWith({ signal: later.signal, namespaces: ['a', 'b'] })).toMatchObject({
      stopped: 'SIGTERM',
    });
    expect(namespace).toHaveBeenCalledTimes(1);
  });

  it('waits for running requests if the list breaks off, and has a summary of what it did', async () => {
    cluster.listManagedSecrets = async function* () {
      yield secret('blue', 'a', 2);
      yield secret('blue', 'b', 2);
      throw new KubernetesError('unavailable', 'etcdserver: request timed out');
    };
    const result = await runWith();
    expect(result.summary).toMatchObject({ checked: 2, due: 2, refreshed: 2, failed: 0 });
    expect(result.stopped).toBe('the list broke off: etcdserver: request timed out');
    expect(exitCode(result)).toBe(2);
  });

  describe('that gets SIGTERM while the API server hangs', () => {
    let stop: AbortController;
    beforeEach(() => {
      stop = new AbortController();
    });
    const cutOff = (request: string) => {
      stop.abort('SIGTERM');
      return new KubernetesError('cut-off', `the API server did not answer ${request} within 5.0 s`);
    };
    const STOPPED = (request: string) => `SIGTERM; the API server did not answer ${request} within 5.0 s`;

    it('names the page that was not answered, and has a summary of what it did before', async () => {
      cluster.listManagedSecrets = async function* () {
        yield secret('blue', 'a', 2);
        throw cutOff('GET /api/v1/secrets');
      };
      const result = await runWith({ signal: stop.signal });
      expect(result).toMatchObject({ stopped: STOPPED('GET /api/v1/secrets'), summary: { refreshed: 1 } });
      expect(exitCode(result)).toBe(1);
    });

    it('names it also if it was the first request', async () => {
      cluster.listEnabledNamespaces = () => {
        throw cutOff('GET /api/v1/namespaces');
      };
      const result = await runWith({ signal: stop.signal });
      expect(result).toMatchObject({ stopped: STOPPED('GET /api/v1/namespaces') });
      expect(exitCode(result)).toBe(1);
    });

    it('names the mark that was not answered, even after another failure', async () => {
      cluster.secrets = [secret('blue', 'a', 2), secret('blue', 'b', 2)];
      cluster.onMark = ({ name }) => {
        throw name === 'a' ? new KubernetesError('webhook-refused', 'no') : cutOff('PATCH b');
      };
      expect(await runWith({ signal: stop.signal, concurrency: 1 })).toMatchObject({
        stopped: STOPPED('PATCH b'),
        summary: { failed: 2, firstFailure: { name: 'a' } },
      });
    });

    it('names the dry run that was not answered, and does not blame the webhook', async () => {
      cluster.secrets = [secret('blue', 'a', 9)];
      cluster.onMark = () => {
        throw cutOff('PATCH a');
      };
      const result = await runWith({ signal: stop.signal });
      expect(result).toMatchObject({ stopped: STOPPED('PATCH a') });
      expect(result.trial).toBeUndefined();
      expect(exitCode(result)).toBe(1);
    });

    it('has the error that the API server answered instead of a page after SIGTERM', async () => {
      cluster.listManagedSecrets = () => {
        stop.abort('SIGTERM');
        throw new KubernetesError('unavailable', 'no leader');
      };
      const result = await runWith({ signal: stop.signal });
      expect(result.stopped).toBe('SIGTERM; the list broke off: no leader');
      expect(exitCode(result)).toBe(2);
    });
  });

  it('names the credentials that end first, after the refresh, and not those that nobody can refresh', async () => {
    cluster.namespaces.set('grey', {});
    cluster.secrets = [
      secret('blue', 'renewed', 1),
      secret('grey', 'left', 8),
      secret('blue', 'fresh', 9),
      secret('blue', 'last', 10),
    ];
    const { summary } = await runWith();
    expect(summary.firstToEnd).toEqual({ namespace: 'blue', name: 'fresh', expiresAt: NOW + 9 * HOUR });
    expect(outcomes).toContainEqual(
      expect.objectContaining({ name: 'renewed', result: 'refreshed', expiresAt: NOW + 12 * HOUR }),
    );
  });

  it('names a Secret that the webhook can never fill, and does not fail if it was never filled', async () => {
    cluster.secrets = [secret('blue', 'opaque'), secret('blue', 'due', 2)];
    cluster.onMark = ({ name }) => {
      if (name === 'opaque') throw new KubernetesError('secret-at-fault', 'another type');
    };
    const { summary } = await runWith();
    expect(summary).toMatchObject({ checked: 2, due: 1, refreshed: 1, failed: 0, unfillable: 1 });
    expect(summaryLine(summary)).toContain('cannot be filled: blue/opaque: another type');
    expect(allFresh(summary)).toBe(true);
  });

  it.each([
    ['secret-at-fault', secret('blue', 'filled once', 2)],
    ['webhook-refused', secret('blue', 'refused by another webhook')],
  ] as const)('fails if a refusal (%s) lets credentials end', async (failure, refused) => {
    cluster.secrets = [refused];
    cluster.onMark = () => {
      throw new KubernetesError(failure, 'no');
    };
    const { summary } = await runWith();
    expect(summary).toMatchObject({ due: 1, failed: 1, unfillable: 0 });
  });

  it('refreshes the Secrets of every enabled namespace, even if there are too many to remember', async () => {
    cluster.listEnabledNamespaces = async function* () {
      for (let index = 0; index <= MOST_NAMESPACES; index++)
        yield { name: `n${index}`, labels: { [LABELS.namespace]: 'enabled' } };
    };
    const beyond = `n${MOST_NAMESPACES}`;
    cluster.namespaces.set(beyond, { [LABELS.namespace]: 'enabled' });
    cluster.namespaces.set('grey', {});
    cluster.secrets = [secret('n0', 'a', 2), secret(beyond, 'b', 2), secret('grey', 'never-ours')];
    const { summary } = await runWith();
    expect(cluster.marked.sort()).toEqual(['n0/a', `${beyond}/b`]);
    expect(summary).toMatchObject({ checked: 2, refreshed: 2, failed: 0 });
  });

  it('says if Secrets may have been counted twice', async () => {
    cluster.listManagedSecrets = async function* (_, onRepeats = () => undefined) {
      yield secret('blue', 'a', 9);
      onRepeats();
      yield secret('blue', 'a', 9);
    };
    expect(await runWith()).toMatchObject({ hasRepeats: true });
  });

  describe('in which no Secret is due', () => {
    const trialWith = async (changes: Partial<RunOptions> = {}) => (await runWith(changes)).trial;

    it('tests the webhook with a dry run on a Secret that it has filled before', async () => {
      cluster.secrets = [secret('blue', 'never-filled', 9, { annotations: {} }), secret('blue', 'filled', 9)];
      cluster.onMark = ({ name }) => {
        if (name === 'never-filled') throw new KubernetesError('secret-at-fault', 'another type');
      };
      expect(await trialWith()).toEqual({ result: 'passed', namespace: 'blue', name: 'filled' });
      expect(cluster.dryRuns).toEqual(['blue/filled']);
      expect(cluster.marked).toEqual([]);
    });

    it('fails if the API server cannot call the webhook', async () => {
      cluster.secrets = [secret('blue', 'filled', 9)];
      cluster.onMark = () => {
        throw new KubernetesError('webhook-failed', 'failed calling webhook: connection refused');
      };
      expect(await trialWith()).toEqual({
        result: 'failed',
        namespace: 'blue',
        name: 'filled',
        message: 'failed calling webhook: connection refused',
      });
    });

    it('fails if the API server does not call the webhook any more', async () => {
      cluster.secrets = [secret('blue', 'filled', 9)];
      cluster.refreshed = (asked) => asked;
      expect(await trialWith()).toMatchObject({
        result: 'failed',
        message: expect.stringContaining('the webhook was not called'),
      });
    });

    it('tries another Secret if one is gone or can never be filled, three at most', async () => {
      cluster.secrets = ['a', 'b', 'c', 'd'].map((name) => secret('blue', name, 9));
      cluster.onMark = ({ name }) => {
        if (name === 'a') throw new KubernetesError('not-found', 'gone');
        if (name === 'b') throw new KubernetesError('secret-at-fault', 'immutable');
      };
      expect(await trialWith()).toEqual({ result: 'passed', namespace: 'blue', name: 'c' });
      cluster.onMark = () => {
        throw new KubernetesError('not-found', 'gone');
      };
      cluster.dryRuns = [];
      expect(await trialWith()).toEqual({ result: 'none' });
      expect(cluster.dryRuns).toEqual(['blue/a', 'blue/b', 'blue/c']);
    });

    it('tries Secrets of namespaces that are not enabled only if there are no others', async () => {
      cluster.namespaces.set('grey', {});
      cluster.secrets = [secret('grey', 'left', 9)];
      cluster.refreshed = (asked) => asked;
      expect(await trialWith()).toEqual({ result: 'none' });
      expect(cluster.dryRuns).toEqual(['grey/left']);
      cluster.secrets.push(secret('blue', 'served', 9));
      cluster.dryRuns = [];
      await trialWith();
      expect(cluster.dryRuns).toEqual(['blue/served']);
    });

    it('does not test the webhook with --dry-run, or after SIGTERM', async () => {
      cluster.secrets = [secret('blue', 'filled', 9)];
      expect(await trialWith({ dryRun: true })).toBeUndefined();
      expect(await trialWith({ signal: AbortSignal.abort('SIGTERM') })).toBeUndefined();
      expect(cluster.dryRuns).toEqual([]);
    });

    it('does not test the webhook after the list broke off', async () => {
      cluster.listManagedSecrets = async function* () {
        yield secret('blue', 'filled', 9);
        throw new KubernetesError('unavailable', 'no leader');
      };
      expect(await trialWith()).toBeUndefined();
      expect(cluster.dryRuns).toEqual([]);
    });

    it('does not test the webhook if it has marked a Secret', async () => {
      cluster.secrets = [secret('blue', 'due', 2), secret('blue', 'fresh', 9)];
      expect(await trialWith()).toBeUndefined();
      cluster.onMark = () => {
        throw new KubernetesError('webhook-failed', 'connection refused');
      };
      expect(await trialWith()).toBeUndefined();
      expect(cluster.dryRuns).toEqual([]);
    });
  });

  it('cannot run if the namespaces cannot be listed', async () => {
    const forbidden = new KubernetesError('forbidden', 'namespaces is forbidden');
    cluster.listEnabledNamespaces = () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(forbidden) }),
    });
    await expect(runWith()).rejects.toThrow('namespaces is forbidden');
  });

  describe('tells how the API server called the webhook', () => {
    const failedCall = new KubernetesError(
      'webhook-failed',
      'Internal error occurred: failed calling webhook "ecr-anywhere.centml.ai": connection refused',
    );

    it('for each Secret that it marks', async () => {
      cluster.secrets = ['a', 'b', 'c', 'd'].map((name) => secret('blue', name, 2));
      cluster.onMark = ({ name }) => {
        if (name === 'b') throw failedCall;
        if (name === 'd') throw new KubernetesError('unavailable', 'no answer within 30 s', true);
      };
      const filled = cluster.refreshed;
      cluster.refreshed = (asked) => (asked.name === 'c' ? asked : filled(asked));
      await runWith({ concurrency: 1 });
      expect(calls).toEqual(['answered', 'failed', 'not_called']);
    });

    it('for the trial, if nothing is due', async () => {
      cluster.secrets = [secret('blue', 'a', 9)];
      await runWith();
      cluster.onMark = () => {
        throw failedCall;
      };
      await runWith();
      cluster.onMark = () => undefined;
      cluster.refreshed = (asked) => asked;
      await runWith();
      expect(calls).toEqual(['answered', 'failed', 'not_called']);
    });

    it('but not for a trial in a namespace that is not enabled: nobody has to call the webhook there', async () => {
      cluster.namespaces.set('red', {});
      cluster.secrets = [secret('red', 'a', 9)];
      cluster.refreshed = (asked) => asked;
      await runWith();
      expect(cluster.dryRuns).toEqual(['red/a']);
      expect(calls).toEqual([]);
    });
  });

  it('says which Secrets the webhook refuses because of themselves, filled before or not', async () => {
    cluster.secrets = [
      secret('blue', 'never-filled'),
      secret('blue', 'filled-before', 2),
      secret('blue', 'c', 2),
    ];
    cluster.onMark = ({ name }) => {
      if (name !== 'c') throw new KubernetesError('secret-at-fault', 'it is immutable');
    };
    await runWith({ concurrency: 1 });
    expect(outcomes.map(({ name, result, needsCorrection }) => [name, result, needsCorrection])).toEqual([
      ['never-filled', 'unfillable', undefined],
      ['filled-before', 'failed', 'secret'],
      ['c', 'refreshed', undefined],
    ]);
  });
});
