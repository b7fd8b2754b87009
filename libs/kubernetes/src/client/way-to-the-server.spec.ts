import { createCertificateAuthority, type CertificateAuthority } from '@ecr-anywhere/certificates';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { startSlowServer, withTwoAddresses } from '../../../../tools/stand-ins/slow-address.mjs';
import { loadAccess } from '../kubeconfig/load-access.ts';
import { startProxies, type Proxies } from '../testing/kubectl/proxies.ts';
import type { ApiCall } from './api-call.ts';
import { apiClient } from './api-client.ts';

const LIST: ApiCall = { method: 'GET', path: '/api/v1/secrets', as: 'PartialObjectMetadataList' };

describe('a connection to the API server', () => {
  let authority: CertificateAuthority;
  let server: Server;
  let port: number;
  let folder: string;
  /** The header that the server accepts. Undefined: any. */
  let accepted: string | undefined;
  const seen: { authorization: string | undefined; certificate: string; socket: unknown }[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'way-'));
    authority = await createCertificateAuthority('servers');
    server = createServer(
      { ...(await authority.issue()), requestCert: true, rejectUnauthorized: false },
      (request, response) => {
        const { authorization } = request.headers;
        const socket = request.socket as TLSSocket;
        const certificate = String(socket.getPeerCertificate().subject?.CN);
        seen.push({ authorization, certificate, socket });
        const isAccepted = accepted === undefined || authorization === accepted;
        response.writeHead(isAccepted ? 200 : 401);
        response.end(
          JSON.stringify({ kind: isAccepted ? 'PartialObjectMetadataList' : 'Status', items: [] }),
        );
      },
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    seen.length = 0;
    accepted = undefined;
    rmSync(join(folder, 'runs'), { force: true });
  });

  const client = ({
    cluster = {},
    user = {},
    options = {},
  }: Partial<Record<'cluster' | 'user' | 'options', object>>) => {
    const kubeconfig = join(folder, 'config');
    const ca = Buffer.from(authority.cert).toString('base64');
    const content = {
      clusters: [
        {
          name: 'k',
          cluster: { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': ca, ...cluster },
        },
      ],
      users: [{ name: 'u', user: { token: 't', ...user } }],
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
      'current-context': 'c',
    };
    writeFileSync(kubeconfig, JSON.stringify(content));
    const client = loadAccess({ kubeconfig, env: { PATH: process.env['PATH'], FOLDER: folder } }).then(
      (access) =>
        apiClient({
          access,
          userAgent: 'test',
          timeout: 20_000,
          signal: new AbortController().signal,
          wait: () => Promise.resolve(),
          ...options,
        }),
    );
    return async (call: ApiCall) => (await client)(call);
  };

  /** Gives t1, then t2, and so on. */
  const plugin = {
    token: undefined,
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'sh',
      args: [
        '-c',
        'echo run >> "$FOLDER/runs"; printf \'{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"t%s"}}\' $(wc -l < "$FOLDER/runs")',
      ],
      interactiveMode: 'Never',
    },
  };

  it('is used once more with new credentials of a plugin if the API server rejects the old ones', async () => {
    const call = client({ user: plugin });
    await call(LIST);
    accepted = 'Bearer t2';
    await call(LIST);
    expect(seen.map(({ authorization }) => authorization)).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2']);
    accepted = 'nothing';
    await expect(call(LIST)).rejects.toMatchObject({ failure: 'unauthorized' });
    expect(seen.slice(3).map(({ authorization }) => authorization)).toEqual(['Bearer t2', 'Bearer t3']);
    expect(readFileSync(join(folder, 'runs'), 'utf8').trim().split('\n')).toHaveLength(3);
  });

  it('is not used once more if the credentials cannot change', async () => {
    accepted = 'nothing';
    await expect(client({})(LIST)).rejects.toMatchObject({ failure: 'unauthorized' });
    expect(seen).toHaveLength(1);
  });

  describe('with certificates in files', () => {
    const files = () => ({ 'client-certificate': join(folder, 'crt'), 'client-key': join(folder, 'key') });
    const write = async (name: string, ...fields: ('client-certificate' | 'client-key')[]) => {
      const { cert, key } = await authority.issue({ subject: `CN=${name}` });
      const pem = { 'client-certificate': cert, 'client-key': key };
      for (const field of fields) writeFileSync(files()[field], pem[field]);
      return pem;
    };

    it('stays open until the files change', async () => {
      await write('first', 'client-certificate', 'client-key');
      const call = client({ user: files() });
      await call(LIST);
      await call(LIST);
      await write('second', 'client-certificate', 'client-key');
      await call(LIST);
      expect(seen.map(({ certificate }) => certificate)).toEqual(['first', 'first', 'second']);
      expect(seen[1]?.socket).toBe(seen[0]?.socket);
    });

    it('uses the old certificates while the files are replaced one by one, or are missing', async () => {
      const ca = join(folder, 'ca');
      writeFileSync(ca, authority.cert);
      await write('first', 'client-certificate', 'client-key');
      const cluster = { 'certificate-authority-data': undefined, 'certificate-authority': ca };
      const call = client({ cluster, user: files() });
      await call(LIST);
      const second = await write('second', 'client-certificate');
      await call(LIST); // with the key of the first
      rmSync(files()['client-key']);
      rmSync(ca);
      await call(LIST);
      writeFileSync(files()['client-key'], second['client-key']);
      writeFileSync(ca, authority.cert);
      await call(LIST);
      expect(seen.map(({ certificate }) => certificate)).toEqual(['first', 'first', 'first', 'second']);
    });
  });

  /** The number of attempts, and the message of the last error. */
  const attempts = async (parts: Parameters<typeof client>[0]) => {
    let count = 1;
    const wait = () => Promise.resolve((count += 1));
    const error = await client({ ...parts, options: { wait } })(LIST).catch((error: Error) => error);
    return { count, message: (error as Error).message };
  };

  it.each<[string, Parameters<typeof client>[0], string]>([
    [
      'the CA cannot be read',
      { cluster: { 'certificate-authority-data': undefined, 'certificate-authority': '/nowhere' } },
      'certificate-authority: /nowhere cannot be read (ENOENT)',
    ],
    [
      'the CA is not set',
      { cluster: { 'certificate-authority-data': undefined } },
      'certificate-authority: it is not set',
    ],
    [
      'the name of the certificate is another one',
      { cluster: { 'tls-server-name': 'a.example' } },
      'tls-server-name',
    ],
    [
      'the token file is missing',
      { user: { token: undefined, tokenFile: '/nowhere' } },
      'tokenFile: /nowhere cannot be read',
    ],
    [
      'the plugin is missing',
      { user: { ...plugin, exec: { ...plugin.exec, command: 'no-such' } } },
      'no program no-such',
    ],
  ])('is tried once if %s; the message says so', async (_, parts, message) => {
    const { count, message: reason } = await attempts(parts);
    expect(reason).toContain(message);
    expect(count).toBe(1);
  });

  describe('to a server or proxy that refuses the TLS handshake', () => {
    const OLD: TlsOptions = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' };
    const STRICT: TlsOptions = { requestCert: true, rejectUnauthorized: true };

    it.each<[string, TlsOptions, RegExp]>([
      ['it speaks an old version of TLS', OLD, /: protocol version \(TLS alert 70\)$/],
      [
        'it requires a client certificate',
        STRICT,
        /: certificate required \(TLS alert 116\), it requires a client certificate$/,
      ],
      [
        'it requires a client certificate, with TLS 1.2',
        { ...STRICT, maxVersion: 'TLSv1.2' },
        /: handshake failure \(TLS alert 40\)$/,
      ],
    ])('is tried once, and the message has the TLS alert: %s', async (_, options, alert) => {
      const other = createServer({ ...(await authority.issue()), ...options });
      other.listen(0, '127.0.0.1');
      await once(other, 'listening');
      const host = `127.0.0.1:${(other.address() as AddressInfo).port}`;
      const straight = await attempts({ cluster: { server: `https://${host}` } });
      const throughProxy = await attempts({ cluster: { 'proxy-url': `https://${host}` } });
      other.close();
      for (const { count, message } of [straight, throughProxy]) {
        expect(message).toMatch(alert);
        expect(message).toContain('refuses the TLS handshake');
        expect(count).toBe(1);
      }
      expect(straight.message).toContain(`server: https://${host} `);
      expect(throughProxy.message).toContain(`the proxy ${host} `);
    });
  });

  it('is tried again if no server listens', async () => {
    expect(await attempts({ cluster: { server: 'https://127.0.0.1:1' } })).toEqual({
      count: 6,
      message: 'the request to the API server failed: ECONNREFUSED (https://127.0.0.1:1)',
    });
  });

  it.each<[string, (slow: string) => object, (proxies: Proxies) => number]>([
    ['directly', (slow) => ({ server: `https://${slow}`, 'tls-server-name': '127.0.0.1' }), () => port],
    ['through an HTTP proxy', (slow) => ({ 'proxy-url': `http://${slow}` }), ({ ports }) => ports.http],
    [
      'through an HTTPS proxy',
      (slow) => ({ 'proxy-url': `https://${slow}`, 'tls-server-name': '127.0.0.1' }),
      ({ ports }) => ports.https,
    ],
    ['through a SOCKS proxy', (slow) => ({ 'proxy-url': `socks5://${slow}` }), ({ ports }) => ports.socks5],
  ])('waits for a slow first address if the last one does not answer: %s', async (_, clusterAt, leadsTo) => {
    const proxies = await startProxies(await authority.issue());
    const slow = await startSlowServer(leadsTo(proxies));
    setTimeout(() => slow.wake(), 500);
    try {
      const cluster = clusterAt(`slow.test:${slow.port}`);
      const { count } = await withTwoAddresses(() => attempts({ cluster }));
      expect([count, seen.length]).toEqual([1, 1]);
    } finally {
      await slow.stop();
      proxies.stop();
    }
  });

  it.each([
    [407, 1, 'answered 407: it requires a name and a password'],
    [403, 1, 'answered 403'],
    [502, 6, 'answered 502'],
  ])('reports the answer %i of a proxy after %i attempts', async (status, count, message) => {
    const proxy = createHttpServer((_, response) => response.writeHead(status).end('<html>canary</html>'));
    proxy.on('connect', (_, socket) => socket.end(`HTTP/1.1 ${status} canary\r\n\r\ncanary`));
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    for (const server of ['https://k.example', 'http://k.example']) {
      const result = await attempts({ cluster: { server, 'proxy-url': `http://jane:canary@${host}` } });
      expect(result.message).toContain(
        `the proxy ${host} (${folder}/config: cluster "k": proxy-url) ${message}`,
      );
      expect(result.message).not.toContain('canary');
      expect(result.count).toBe(count);
    }
    proxy.close();
  });

  it.each(['http', 'https', 'socks5'])('times out if a proxy (%s) does not answer', async (scheme) => {
    const sockets: { destroy(): void }[] = [];
    const silent = createTcpServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const proxy = `${scheme}://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const call = client({ cluster: { 'proxy-url': proxy }, options: { timeout: 400 } });
    await expect(call(LIST)).rejects.toMatchObject({
      isTimeout: true,
      message: 'the request to the API server failed: no answer within 0.4 s',
    });
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});
