import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createCertificateAuthority,
  type Certificate,
  type CertificateAuthority,
} from '@ecr-anywhere/certificates';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecr-anywhere/eventually';
import { startGuardedServer, type GuardedServer } from '../testing/guarded-server.ts';
import { rawConnection } from '../testing/raw-connection.ts';
import { chooseCallers } from './index.ts';

const SUBJECT = 'CN=kube-apiserver';

describe('the mode clientCertificate', () => {
  let authority: CertificateAuthority;
  let other: CertificateAuthority;
  let next: CertificateAuthority;
  let theirs: Certificate;
  let folder: string;
  let caFile: string;
  let namesFile: string;
  let guarded: GuardedServer;

  beforeAll(async () => {
    [authority, other, next] = await Promise.all([
      createCertificateAuthority('test'),
      createCertificateAuthority('test'),
      createCertificateAuthority('next'),
    ]);
    theirs = await authority.issue({ subject: SUBJECT });
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webhook-client-certificate-'));
    [caFile, namesFile] = [join(folder, 'ca.crt'), join(folder, 'names')];
    await writeFile(caFile, `The CA of the API server:\n${authority.cert}`);
    await writeFile(namesFile, 'somebody\nkube-apiserver\n');
  });

  afterEach(async () => {
    await guarded.stop();
    await rm(folder, { recursive: true });
  });

  const start = async () => {
    guarded = await startGuardedServer((options) =>
      chooseCallers([{ mode: 'clientCertificate', caFile, namesFile }], options),
    );
  };
  const status = async (by: Certificate) => (await guarded.ask({ by })).status;
  const unready = () => guarded.callers.unready();

  it('accepts a review from a client with a certificate of the CA and one of the names', async () => {
    await start();
    expect(unready()).toBeUndefined();
    expect(await status(theirs)).toBe(200);
  });

  it.each<[string, string, () => Promise<Certificate | undefined>]>([
    ['no certificate', 'no_certificate', async () => undefined],
    ['a certificate of another CA', 'untrusted_certificate', () => other.issue({ subject: SUBJECT })],
    ['a certificate of its own', 'untrusted_certificate', () => createCertificateAuthority('kube-apiserver')],
    [
      'a certificate that has expired',
      'untrusted_certificate',
      () => authority.issue({ subject: SUBJECT, lifetime: -1_000 }),
    ],
    [
      'a certificate for servers',
      'untrusted_certificate',
      () => authority.issue({ subject: SUBJECT, usages: ['serverAuth'] }),
    ],
    ['another name', 'other_name', () => authority.issue({ subject: 'CN=stranger' })],
    ['no name', 'other_name', () => authority.issue({ subject: 'O=kube-apiserver' })],
    ['two names', 'other_name', () => authority.issue({ subject: `CN=stranger,${SUBJECT}` })],
    ['a name with a part of another', 'other_name', () => authority.issue({ subject: `${SUBJECT}.x` })],
    [
      'a name only for servers',
      'other_name',
      () => authority.issue({ subject: 'CN=stranger', names: ['kube-apiserver'] }),
    ],
  ])('refuses a client with %s, as an unknown path', async (_, reason, certificate) => {
    await start();
    const by = await certificate();
    const refused = await guarded.ask({ ...(by && { by }), body: undefined });
    const unknown = await guarded.ask({ ...(by && { by }), path: '/unknown', body: undefined });
    expect([refused.status, refused.text]).toEqual([404, unknown.text]);
    expect(Object.keys(refused.headers)).toEqual(Object.keys(unknown.headers));
    expect(guarded.refusals()).toEqual([
      expect.objectContaining({ path: '/sync', mode: 'clientCertificate' }),
      expect.objectContaining({ path: '/unknown' }),
    ]);
    expect(await guarded.metrics.registry.metrics()).toContain(
      `ecr_anywhere_refused_callers_total{mode="clientCertificate",reason="${reason}"} 1`,
    );
  });

  it('shows during a change from path, before the API server calls without the key, whether it sends a certificate', async () => {
    const key = '0123456789abcdef0123456789abcdef';
    const file = join(folder, 'keys');
    await writeFile(file, key);
    const choices = [
      { mode: 'clientCertificate', caFile, namesFile },
      { mode: 'path', file },
    ] as const;
    guarded = await startGuardedServer((options) => chooseCallers(choices, options));
    const accepted = async () =>
      [
        ...(await guarded.metrics.registry.metrics()).matchAll(
          /accepted_callers_total\{mode="(\w+)"\} (\d+)/g,
        ),
      ]
        .map(([, mode, count]) => `${mode} ${count}`)
        .sort();
    expect((await guarded.ask({ path: `/sync/${key}` })).status).toBe(200);
    expect(await accepted()).toEqual(['clientCertificate 0', 'path 1']);
    expect((await guarded.ask({ path: `/sync/${key}`, by: theirs })).status).toBe(200);
    expect(await accepted()).toEqual(['clientCertificate 1', 'path 1']);
    expect((await guarded.ask({ path: `/sync/${'x'.repeat(32)}` })).status).toBe(404);
    expect((await guarded.ask({ path: '/sync' })).status).toBe(404);
    expect(guarded.lines.join()).not.toContain(key);
  });

  it('tells only whom it accepts which method it expects', async () => {
    await start();
    for (const method of ['GET', 'HEAD', 'PUT', 'OPTIONS']) {
      expect((await guarded.ask({ method })).status).toBe(404);
      expect((await guarded.ask({ method, by: theirs })).status).toBe(405);
    }
  });

  it('lets replicas ask each other without a certificate', async () => {
    await start();
    expect((await guarded.ask({ method: 'GET', path: '/instance' })).status).toBe(200);
  });

  it('refuses a client whose certificate has expired since its connection was opened', async () => {
    await start();
    const by = await authority.issue({ subject: SUBJECT });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await guarded.ask({ by, agent })).status).toBe(200);
    guarded.now = by.notAfter;
    expect((await guarded.ask({ by, agent })).status).toBe(404);
    agent.destroy();
    expect(await guarded.metrics.registry.metrics()).toContain('reason="expired_certificate"} 1');
  });

  it('takes new names for open connections as well', async () => {
    await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect((await guarded.ask({ by: theirs, agent })).status).toBe(200);
    await writeFile(namesFile, 'somebody');
    await eventually(
      'the new names count',
      async () => (await guarded.ask({ by: theirs, agent })).status === 404,
    );
    agent.destroy();
  });

  describe('and a new CA', () => {
    it('is used for new connections', async () => {
      await start();
      await writeFile(caFile, next.cert);
      await eventually('the new CA counts', async () => (await status(theirs).catch(closed)) === 404);
      expect(await status(await next.issue({ subject: SUBJECT }))).toBe(200);
      await writeFile(caFile, next.cert + authority.cert);
      await eventually('both CAs count', async () => (await status(theirs).catch(closed)) === 200);
    });

    it('closes the connections that the CA before has judged', async () => {
      await start();
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      expect((await guarded.ask({ by: theirs, agent })).status).toBe(200);
      await writeFile(caFile, authority.cert + next.cert);
      await eventually('the connection is closed', () => Object.keys(agent.freeSockets).length === 0);
      expect((await guarded.ask({ by: theirs, agent })).status).toBe(200);
      agent.destroy();
    });

    it('refuses a request that began before, and closes its connection', async () => {
      await start();
      const head = 'POST /sync HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\n';
      const { socket, closed } = await rawConnection(guarded.port, head, theirs);
      await sleep(50);
      await writeFile(caFile, authority.cert + next.cert);
      await eventually('the second CAs are in use', () => guarded.lines.length >= 2);
      socket.write('Content-Length: 2\r\n\r\n{}');
      expect(await closed).toMatch(/^HTTP\/1.1 404 [^]*Connection: close/i);
      expect(await guarded.metrics.registry.metrics()).toContain('reason="earlier_trust"} 1');
    });

    it('is ignored if it is malformed', async () => {
      await start();
      await writeFile(caFile, `${authority.cert}${next.cert.replace(/MI../, 'canary')}`);
      await eventually('the log says so', () =>
        guarded.lines.join().includes('still checked by what was read before'),
      );
      expect(await status(theirs)).toBe(200);
      expect(guarded.lines.join()).toContain('a certificate that cannot be read (number 2)');
      expect(guarded.lines.join()).not.toContain('canary');
    });
  });

  it.each([
    ['CA is missing', async () => rm(caFile), 'ca.crt cannot be read (ENOENT)'],
    ['file of CAs holds no certificate', async () => writeFile(caFile, 'x'), 'ca.crt holds no certificate'],
    ['file of names is empty', async () => writeFile(namesFile, '\n'), 'names holds no name'],
  ])('keeps a replica unready, and refuses everybody, if the %s', async (_, spoil, problem) => {
    await spoil();
    await start();
    expect(unready()).toContain(problem);
    expect(await status(theirs)).toBe(404);
    expect(await guarded.metrics.registry.metrics()).toContain('reason="no_trust_yet"} 1');
  });
});

/** The webhook closes a connection that is open without a request when the CA changes: a client may just have opened it. */
function closed(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ECONNRESET') throw error;
}
