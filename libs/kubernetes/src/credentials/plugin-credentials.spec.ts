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

  /** Each run writes a line. The number of the run is part of the token. */
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

  it('come from one run for all concurrent callers', async () => {
    const { get } = credentials();
    const given = await Promise.all(Array.from({ length: 20 }, () => get()));
    expect(new Set(given.map(({ authorization }) => authorization))).toEqual(new Set(['Bearer t1']));
    expect(await get()).toEqual({ authorization: 'Bearer t1' });
    expect(runs()).toBe(1);
  });

  it('are renewed after they have expired, and not before', async () => {
    const { get } = credentials('{"token":"t$n","expirationTimestamp":"2026-01-02T03:15:00+00:00"}');
    await get();
    now = Date.parse('2026-01-02T03:15:00Z');
    expect(await get()).toMatchObject({ authorization: 'Bearer t1' });
    now += 1;
    const given = await Promise.all([get(), get()]);
    expect(given).toMatchObject([{ authorization: 'Bearer t2' }, { authorization: 'Bearer t2' }]);
  });

  it('are renewed once if several requests were rejected', async () => {
    const { get, reject } = credentials();
    const given = await get();
    expect([reject(given), reject(given)]).toEqual([true, true]);
    expect(await get()).toMatchObject({ authorization: 'Bearer t2' });
    expect(reject(given)).toBe(true); // these credentials are already old
    expect(await get()).toMatchObject({ authorization: 'Bearer t2' });
  });

  it('are not requested again after a failure', async () => {
    const { get } = credentials('{}');
    await expect(get()).rejects.toThrow('exec: the output of sh cannot be used: status: expected a token');
    await expect(get()).rejects.toThrow('expected a token');
    expect(runs()).toBe(1);
  });

  it.each([
    ['{"token":["canary"]}', 'status.token: expected a string'],
    ['{"token":"canary","clientKeyData":"canary"}', 'status: clientCertificateData and clientKeyData'],
    [
      '{"token":"canary","expirationTimestamp":"canary"}',
      'status.expirationTimestamp: expected an RFC 3339 time',
    ],
    [
      `{"token":"canary\\\\nof two lines"}`,
      'status.token: it contains a line feed or another control character',
    ],
    ['canary} {', 'of sh cannot be used: it is not valid YAML'],
    ['"canary"', 'status: expected a token or a certificate'],
  ])('are not in the error if they cannot be used: %s', async (status, message) => {
    const reason = await credentials(status)
      .get()
      .catch(({ message }: Error) => message);
    expect(reason).toContain(message);
    expect(reason).not.toContain('canary');
  });
});
