import {
  createCertificateAuthority,
  type Certificate,
  type CertificateAuthority,
} from '@ecr-anywhere/certificates';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecr-anywhere/eventually';
import { startGuardedServer, type GuardedServer } from '../testing/guarded-server.ts';
import { rawConnection } from '../testing/raw-connection.ts';
import { aggregated } from './aggregated.ts';
import { createCallers } from './callers.ts';
import type { FrontProxyTrust } from './front-proxy-trust.ts';
import { trustReport } from './trust-report.ts';

const API = { group: 'webhook.example.com', version: 'v1', resource: 'reviews' };
const DISCOVERY = '/apis/webhook.example.com/v1';
const REVIEWS = `${DISCOVERY}/reviews`;
const MASTERS = ['system:authenticated', 'system:masters'];
const API_SERVER = { 'X-Remote-User': 'system:apiserver', 'X-Remote-Group': MASTERS };

describe('the mode aggregated', () => {
  let proxies: CertificateAuthority;
  let other: CertificateAuthority;
  let proxy: Certificate;
  let guarded: GuardedServer;
  let found: FrontProxyTrust | Error;
  /** The pauses between readings, and a function that ends the current one. */
  let pauses: number[];
  let readAgain: () => void;

  beforeAll(async () => {
    [proxies, other] = await Promise.all([
      createCertificateAuthority('front-proxy-ca'),
      createCertificateAuthority('front-proxy-ca'),
    ]);
    proxy = await proxies.issue({ subject: 'CN=front-proxy-client' });
  });

  beforeEach(async () => {
    found = { ca: proxies.cert, names: ['front-proxy-client'] };
    pauses = [];
    await start();
  });

  afterEach(() => guarded.stop());

  const start = async () => {
    guarded = await startGuardedServer((options) =>
      createCallers(
        [
          aggregated({
            api: API,
            read: () => async () => {
              if (found instanceof Error) throw found;
              return found;
            },
            now: options.now,
            report: trustReport('aggregated', options.log, options.metrics),
            wait(pause) {
              pauses.push(pause);
              return new Promise<void>((resolve) => (readAgain = resolve));
            },
          }),
        ],
        options,
      ),
    );
    await eventually('it has read', () => pauses.length === 1);
  };
  const find = async (next: typeof found) => {
    found = next;
    const { length } = pauses;
    readAgain();
    await eventually('it has read again', () => pauses.length > length);
  };
  const ask = (headers: Record<string, string | string[]>, by: Certificate | undefined = proxy) =>
    guarded.ask({ ...(by && { by }), path: REVIEWS, headers });
  const refusalsOf = async (reason: string) => {
    const text = await guarded.metrics.registry.metrics();
    return new RegExp(`refused_callers_total\\{mode="aggregated",reason="${reason}"\\} (\\d+)`).exec(
      text,
    )?.[1];
  };

  it('accepts a review that the front proxy passes on for the API server', async () => {
    expect((await ask(API_SERVER)).status).toBe(200);
    expect((await ask({ 'x-remote-user': ' system:apiserver ', 'X-REMOTE-GROUP': MASTERS })).status).toBe(
      200,
    );
  });

  it.each<[string, Record<string, string | string[]>]>([
    ['nobody', {}],
    ['an administrator under another name', { ...API_SERVER, 'X-Remote-User': 'admin' }],
    ['the aggregator', { ...API_SERVER, 'X-Remote-User': 'system:kube-aggregator' }],
    ['a user in capitals', { ...API_SERVER, 'X-Remote-User': 'system:APIserver' }],
    ['two users in one header', { ...API_SERVER, 'X-Remote-User': 'system:apiserver, admin' }],
    ['two users in two headers', { ...API_SERVER, 'X-Remote-User': ['system:apiserver', 'admin'] }],
    ['one user twice', { ...API_SERVER, 'X-Remote-User': ['system:apiserver', 'system:apiserver'] }],
    ['a user in another header', { 'X-Remote_User': 'system:apiserver', 'X-Remote-Group': MASTERS }],
    ['a user whose name begins so', { ...API_SERVER, 'X-Remote-User': 'system:apiserver2' }],
    ['somebody who acts as the user alone', { 'X-Remote-User': 'system:apiserver' }],
    [
      'somebody who acts as the user and other groups',
      { 'X-Remote-User': 'system:apiserver', 'X-Remote-Group': ['system:authenticated'] },
    ],
    [
      'somebody with groups in one header',
      { 'X-Remote-User': 'system:apiserver', 'X-Remote-Group': MASTERS.join(',') },
    ],
  ])('refuses what the front proxy passes on for %s', async (_, headers) => {
    const refused = await ask(headers);
    expect(refused.status).toBe(404);
    expect(refused.text).toBe((await guarded.ask({ path: '/unknown' })).text);
    expect(await refusalsOf('other_user')).toBe('1');
  });

  it('names the user in the log, up to a length', async () => {
    await ask({ 'X-Remote-User': `admin${'x'.repeat(1_000)}` });
    const [{ reason, path } = {}] = guarded.refusals();
    expect(path).toBe(REVIEWS);
    expect(reason).toContain('"adminxx');
    expect(String(reason).length).toBeLessThan(200);
  });

  it.each<[string, string, () => Promise<Certificate | undefined>]>([
    ['no certificate', 'no_certificate', async () => undefined],
    [
      'a certificate of another CA with the same names',
      'untrusted_certificate',
      () => other.issue({ subject: 'CN=front-proxy-client' }),
    ],
    ['a certificate of another name', 'other_name', () => proxies.issue({ subject: 'CN=admin' })],
    [
      'a certificate for servers',
      'untrusted_certificate',
      () => proxies.issue({ subject: 'CN=front-proxy-client', usages: ['serverAuth'] }),
    ],
  ])('refuses a client that claims to be the front proxy with %s', async (_, reason, certificate) => {
    const by = await certificate();
    const refused = await guarded.ask({ ...(by && { by }), path: REVIEWS, headers: API_SERVER });
    expect(refused.status).toBe(404);
    expect(await refusalsOf(reason)).toBe('1');
    const discovery = { ...(by && { by }), path: DISCOVERY, method: 'GET', headers: API_SERVER };
    expect((await guarded.ask(discovery)).status).toBe(404);
    expect(await refusalsOf(reason)).toBe('2');
  });

  it('refuses a request with too many headers before it reads them', async () => {
    const text = `POST ${REVIEWS} HTTP/1.1\r\nHost: webhook\r\nX-Remote-User: ${'x'.repeat(10_000_000)}`;
    const { closed } = await rawConnection(guarded.port, text, proxy);
    expect(await closed).toMatch(/^(HTTP\/1.1 431 |$)/);
  });

  it('serves no review at the path of the settings', async () => {
    expect((await guarded.ask({ by: proxy, path: '/sync', headers: API_SERVER })).status).toBe(404);
  });

  it('tells whoever comes through the front proxy that there is a resource which can only be created', async () => {
    const discovery = { by: proxy, path: DISCOVERY, headers: { 'X-Remote-User': 'system:kube-aggregator' } };
    const { status, text, headers } = await guarded.ask({ ...discovery, method: 'GET' });
    expect([status, headers['content-type']]).toEqual([200, expect.stringMatching(/^application\/json/)]);
    expect(JSON.parse(text)).toMatchObject({
      kind: 'APIResourceList',
      groupVersion: 'webhook.example.com/v1',
      resources: [{ name: 'reviews', namespaced: false, verbs: ['create'] }],
    });
    expect((await guarded.ask({ ...discovery, method: 'POST' })).status).toBe(405);
  });

  it.each(['/apis', '/openapi/v2', '/openapi/v3'])(
    'says nothing when the API server asks for %s in vain, as it does each minute',
    async (path) => {
      const { length } = guarded.lines;
      const polled = { by: proxy, path, method: 'GET', headers: { 'X-Remote-User': 'system:aggregator' } };
      const unknown = await guarded.ask({ ...polled, path: '/unknown' });
      expect(guarded.lines).toHaveLength(length + 1);
      expect(await guarded.ask(polled)).toMatchObject({ status: 404, text: unknown.text });
      expect(guarded.lines).toHaveLength(length + 1);
      expect((await guarded.ask({ path, method: 'GET' })).status).toBe(404);
      expect(guarded.lines).toHaveLength(length + 2);
    },
  );

  it('accepts any name if the API server allows any', async () => {
    await find({ ca: proxies.cert, names: 'any' });
    expect((await ask(API_SERVER, await proxies.issue({ subject: 'O=nobody' }))).status).toBe(200);
    expect((await ask(API_SERVER, await other.issue())).status).toBe(404);
  });

  it('takes new names and a new CA', async () => {
    await find({ ca: proxies.cert, names: ['another'] });
    expect((await ask(API_SERVER)).status).toBe(404);
    await find({ ca: other.cert, names: ['front-proxy-client'] });
    expect((await ask(API_SERVER)).status).toBe(404);
    expect((await ask(API_SERVER, await other.issue({ subject: 'CN=front-proxy-client' }))).status).toBe(200);
  });

  it('keeps the last that was good, and says once what is wrong', async () => {
    await find(new Error('the API server is away'));
    await find(new Error('the API server is away'));
    expect((await ask(API_SERVER)).status).toBe(200);
    expect(guarded.callers.unready()).toBeUndefined();
    expect(guarded.lines.filter((line) => line.includes('is away'))).toHaveLength(1);
    await find({ ca: proxies.cert, names: ['front-proxy-client'] });
    await find(new Error('the API server is away'));
    expect(guarded.lines.filter((line) => line.includes('is away'))).toHaveLength(2);
    expect(await guarded.metrics.registry.metrics()).toMatch(
      /trust_reloads_total\{outcome="ok"\} 2\n.*\{outcome="failed"\} 3/,
    );
  });

  it('reads once a minute, and logs nothing if nothing changes', async () => {
    const { length } = guarded.lines;
    for (let count = 0; count < 3; count++) await find(found);
    expect(pauses).toEqual([60_000, 60_000, 60_000, 60_000]);
    expect(guarded.lines).toHaveLength(length);
  });

  it('keeps a replica unready with the reason, refuses everybody, and tries again soon', async () => {
    await guarded.stop();
    [found, pauses] = [new Error('there is no ConfigMap'), []];
    await start();
    expect(guarded.callers.unready()).toContain('there is no ConfigMap');
    expect((await ask(API_SERVER)).status).toBe(404);
    expect(await refusalsOf('no_trust_yet')).toBe('1');
    for (let count = 0; count < 7; count++) await find(found);
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    await find({ ca: proxies.cert, names: ['front-proxy-client'] });
    expect(guarded.callers.unready()).toBeUndefined();
    expect((await ask(API_SERVER)).status).toBe(200);
  });
});
