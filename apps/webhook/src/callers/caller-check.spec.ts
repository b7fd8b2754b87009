import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { createCertificateAuthority, type CertificateAuthority } from '@ecr-anywhere/certificates';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfig } from '../config.ts';
import { startWebhook, type Webhook } from '../start-webhook.ts';
import { logLines } from '../testing/log-lines.ts';
import { createRequest, fakeSecret, review } from '../testing/requests.ts';
import type { CallerCheck } from './caller-check.ts';

/** Accepts reviews from clients with a certificate of a CA, at the paths of the settings and at one with a secret in it. */
class CertificateCheck implements CallerCheck {
  readonly asksForCertificate = true;
  trust: (ca: string) => void = () => undefined;
  isStopped = false;
  why: string | undefined;

  constructor(private readonly ca: string) {}

  refusal({ socket }: IncomingMessage): string | undefined {
    return (socket as TLSSocket).authorized ? undefined : 'no certificate of the CA';
  }

  addRoutes(...[router, review]: Parameters<NonNullable<CallerCheck['addRoutes']>>): void {
    router.post('/secret/:key', review);
  }

  start(trust: (ca: string) => void): void {
    this.trust = trust;
    trust(this.ca);
  }

  stop(): void {
    this.isStopped = true;
  }

  unready(): string | undefined {
    return this.why;
  }
}

describe('a check of callers', () => {
  let folder: string;
  let authority: CertificateAuthority;
  let other: CertificateAuthority;
  let check: CertificateCheck;
  let webhook: Webhook;
  const { log, lines } = logLines();

  beforeAll(async () => {
    [authority, other] = await Promise.all([
      createCertificateAuthority('test'),
      createCertificateAuthority('test'),
    ]);
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webhook-callers-'));
    const { cert, key } = await authority.issue();
    const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
    await Promise.all([writeFile(certFile, cert), writeFile(keyFile, key)]);
    check = new CertificateCheck(authority.cert);
    const config = readConfig({
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      CERT_FILE: certFile,
      KEY_FILE: keyFile,
      PORT: '0',
      PROBE_PORT: '0',
      SHUTDOWN_DELAY: '0s',
      SHUTDOWN_TIMEOUT: '0s',
    });
    webhook = await startWebhook(config, log, check);
    lines.length = 0;
  });

  afterEach(async () => {
    await webhook.stop();
    await rm(folder, { recursive: true });
  });

  const untouched = JSON.stringify(review(createRequest({ ...fakeSecret(), metadata: {} })));
  const post = async (
    by: { cert: string; key: string } | undefined,
    { path = '/sync', body = untouched as string | undefined } = {},
  ) => {
    const outgoing = request({
      host: '127.0.0.1',
      port: webhook.port,
      method: 'POST',
      path,
      headers: { 'content-type': 'application/json' },
      rejectUnauthorized: false,
      agent: false,
      ...by,
    });
    if (body === undefined) outgoing.write('{');
    else outgoing.end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
    outgoing.destroy();
    return { status: response.statusCode, text };
  };
  const refusals = () =>
    lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ status }) => status === 404);

  it('accepts reviews from allowed clients', async () => {
    expect(await post(await authority.issue())).toMatchObject({ status: 200 });
  });

  it('gives other clients the answer of an unknown path, and logs the reason', async () => {
    const refused = await post(await other.issue());
    expect(refused).toEqual(await post(undefined, { path: '/elsewhere' }));
    expect(refused.status).toBe(404);
    expect(refusals()).toEqual([
      expect.objectContaining({ path: '/sync', reason: 'no certificate of the CA' }),
      expect.not.objectContaining({ reason: expect.anything() }),
    ]);
  });

  it('runs before the body is read', async () => {
    expect(await post(undefined, { body: undefined })).toMatchObject({ status: 404 });
  });

  it('can change what it trusts, for connections that are opened later', async () => {
    const theirs = await other.issue();
    expect((await post(theirs)).status).toBe(404);
    check.trust(other.cert);
    expect((await post(theirs)).status).toBe(200);
    expect((await post(await authority.issue())).status).toBe(404);
  });

  it('can add a path with a secret in it, and no log line shows this path', async () => {
    const path = '/secret/canary';
    expect((await post(await authority.issue(), { path })).status).toBe(200);
    expect((await post(await authority.issue(), { path, body: 'no JSON' })).status).toBe(400);
    expect((await post(undefined, { path })).status).toBe(404);
    expect(lines.join()).not.toContain('canary');
    expect(refusals()).toEqual([expect.objectContaining({ path: '/secret/:key' })]);
  });

  it('keeps a replica unready if the replica cannot distinguish callers', async () => {
    const ready = async () => (await fetch(`http://127.0.0.1:${webhook.probePort}/readyz`)).text();
    check.why = 'no CA of callers yet';
    expect(await ready()).toBe('no CA of callers yet\n');
    check.why = undefined;
    expect(await ready()).not.toContain('CA of callers');
  });

  it('lets replicas ask each other without a certificate', async () => {
    const outgoing = request({
      host: '127.0.0.1',
      port: webhook.port,
      path: '/instance',
      rejectUnauthorized: false,
      agent: false,
    }).end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    expect(response.resume().statusCode).toBe(200);
  });

  it('is stopped with the webhook', async () => {
    await webhook.stop();
    expect(check.isStopped).toBe(true);
  });
});
