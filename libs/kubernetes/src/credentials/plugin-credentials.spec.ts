import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plugin } from '../kubeconfig/access.ts';
import { pluginCredentials } from './plugin-credentials.ts';

const V1 = 'client.authentication.k8s.io/v1';

describe('credentials that a plugin prints', () => {
  let folder: string;
  let now: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plugin-'));
    now = Date.parse('2026-01-02T03:00:00Z');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Each run leaves a line, and its number is part of the token. */
  const credentials = (status = `{"token":"t$n"}`, exec: Partial<Plugin['exec']> = {}) =>
    pluginCredentials(
      {
        exec: {
          command: 'sh',
          args: [
            '-c',
            `echo run >> "$FOLDER/runs"; n=$(wc -l < "$FOLDER/runs"); sleep 0.05
             printf '%s' "{\\"apiVersion\\":\\"${V1}\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":${status.replaceAll('"', '\\"')}}"`,
          ],
          env: [],
          apiVersion: V1,
          installHint: undefined,
          provideClusterInfo: false,
          interactiveMode: 'Never',
          ...exec,
        },
        cluster: { value: {} as Plugin['cluster']['value'], ca: undefined },
        env: { PATH: process.env['PATH'], FOLDER: folder },
        field: 'exec',
      },
      { isTerminal: false, signal: new AbortController().signal, clock: () => now },
    );
  const runs = () => readFileSync(join(folder, 'runs'), 'utf8').split('\n').length - 1;

  it('are had by one run, however many ask', async () => {
    const { current } = credentials();
    const shown = await Promise.all(Array.from({ length: 20 }, () => current()));
    expect(new Set(shown.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer t1']));
    expect(await current()).toEqual({ authorization: 'Bearer t1' });
    expect(runs()).toBe(1);
  });

  it('are had anew when they have ended, and not before', async () => {
    const { current } = credentials('{"token":"t$n","expirationTimestamp":"2026-01-02T03:15:00+00:00"}');
    await current();
    now = Date.parse('2026-01-02T03:15:00Z');
    expect(await current()).toMatchObject({ authorization: 'Bearer t1' });
    now += 1;
    const shown = await Promise.all([current(), current()]);
    expect(shown).toMatchObject([{ authorization: 'Bearer t2' }, { authorization: 'Bearer t2' }]);
  });

  it('are had anew once where several requests were refused', async () => {
    const { current, refused } = credentials();
    const shown = await current();
    expect([refused(shown), refused(shown)]).toEqual([true, true]);
    expect(await current()).toMatchObject({ authorization: 'Bearer t2' });
    expect(refused(shown)).toBe(true); // these were not the ones
    expect(await current()).toMatchObject({ authorization: 'Bearer t2' });
  });

  it('are not asked for again after a failure', async () => {
    const { current } = credentials('{}');
    await expect(current()).rejects.toThrow('exec: what sh printed cannot be used: status: expected a token');
    await expect(current()).rejects.toThrow('expected a token');
    expect(runs()).toBe(1);
  });

  it.each([
    ['{"token":["canary"]}', 'status.token: expected a text'],
    ['{"token":"canary","clientKeyData":"canary"}', 'status: clientCertificateData and clientKeyData'],
    [
      '{"token":"canary","expirationTimestamp":"canary"}',
      'status.expirationTimestamp: expected a time of RFC 3339',
    ],
    [`{"token":"canary\\\\nof two lines"}`, 'status.token: a line feed or another control character'],
    ['canary} {', 'printed cannot be used: it is no YAML'],
    ['"canary"', 'status: expected a token or a certificate'],
  ])('are never told where they cannot be used: %s', async (status, message) => {
    const told = await credentials(status)
      .current()
      .catch(({ message }: Error) => message);
    expect(told).toContain(message);
    expect(told).not.toContain('canary');
  });
});
