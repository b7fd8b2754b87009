import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority } from '@ecr-anywhere/certificates';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';
import { startWebhook, type Webhook } from './start-webhook.ts';
import { eventually } from '@ecr-anywhere/eventually';
import { logLines } from './testing/log-lines.ts';

/** Whether something accepts connections there. */
function isOpen(port: number, host: string): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host });
    socket.once('error', () => done(false));
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
  });
}

const KEY = 'canary-key-of-32-characters_0123';

describe('a webhook that starts', () => {
  const { log, lines } = logLines();
  let folder: string;
  let env: Record<string, string>;
  let webhook: Webhook;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webhook-callers-'));
    const { issue } = await createCertificateAuthority('test');
    const { cert, key } = await issue();
    env = {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      CERT_FILE: join(folder, 'tls.crt'),
      KEY_FILE: join(folder, 'tls.key'),
      CERT_CHECK_INTERVAL: '10ms',
      CALLER_PATH_FILE: join(folder, 'keys'),
      PORT: '0',
      PROBE_PORT: '0',
      SHUTDOWN_DELAY: '0s',
      SHUTDOWN_TIMEOUT: '0s',
    };
    await Promise.all([
      writeFile(env['CERT_FILE']!, cert),
      writeFile(env['KEY_FILE']!, key),
      writeFile(env['CALLER_PATH_FILE']!, KEY),
    ]);
    lines.length = 0;
  });

  afterEach(async () => {
    await webhook.stop();
    await rm(folder, { recursive: true });
  });

  const start = async (mode: Record<string, string>) => {
    webhook = await startWebhook(readConfig({ ...env, ...mode }), log);
  };
  const probe = async (path: string) => (await fetch(`http://127.0.0.1:${webhook.probePort}${path}`)).text();

  it('is not ready before it can check its callers, and says why', async () => {
    await rm(env['CALLER_PATH_FILE']!);
    await start({ CALLER_MODE: 'path' });
    expect(await probe('/readyz')).toMatch(/^callers cannot be checked \(mode path\): .*ENOENT/);
    await writeFile(env['CALLER_PATH_FILE']!, KEY);
    await eventually('it is ready', async () => (await probe('/readyz')) === 'ready\n');
  });

  it('is not ready without the right to read the ConfigMap of the front proxy', async () => {
    await start({ CALLER_MODE: 'path', CALLER_ALSO_ACCEPT: 'aggregated', CALLER_API: 'a.b/v1/reviews' });
    await eventually('it says why', async () => (await probe('/readyz')).includes('does not run in a Pod'));
    expect(await probe('/readyz')).toMatch(/^callers cannot be checked \(mode aggregated\): the ConfigMap/);
  });

  it('says that a weaker mode of its callers is accepted as well', async () => {
    await start({ CALLER_MODE: 'path', CALLER_ALSO_ACCEPT: 'none' });
    expect(lines.join()).toContain('"weaker":["none"]');
    expect(await probe('/metrics')).toContain('ecr_anywhere_callers_weaker_mode{mode="none"} 1');
  });

  // Only Linux has all of 127.0.0.0/8.
  (process.platform === 'linux' ? it : it.skip)(
    'listens with both ports at the address that is set, and at no other',
    async () => {
      await start({ LISTEN_ADDRESS: '127.0.0.2' });
      for (const port of [webhook.port, webhook.probePort]) {
        expect(await isOpen(port, '127.0.0.2')).toBe(true);
        expect(await isOpen(port, '127.0.0.1')).toBe(false);
      }
    },
  );
});
