import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Proxy } from '../kubeconfig/access.ts';
import { portOf } from './addresses.ts';
import { ProxyError } from './proxy-error.ts';
import { tlsRefusal } from './tls-error.ts';

/**
 * Asks an HTTP proxy for a connection to a server.
 *
 * @throws ProxyError
 */
export async function connectThroughHttp(socket: Socket, proxy: Proxy, server: URL): Promise<void> {
  const path = `${server.hostname}:${portOf(server)}`;
  const request = httpRequest({
    method: 'CONNECT',
    path,
    headers: { host: path, ...proxyAuthorization(proxy.url) },
    createConnection: () => socket,
  }).end();
  const [response] = (await once(request, 'connect').catch((error: NodeJS.ErrnoException) => {
    // Where a certificate is wanted, TLS 1.3 says so only after the handshake.
    const refusal = tlsRefusal(error);
    if (refusal !== undefined) throw new ProxyError(proxy, `refuses the TLS handshake: ${refusal}`, true);
    throw new ProxyError(proxy, `did not open a connection (${error.code})`, false);
  })) as [IncomingMessage];
  if (response.statusCode !== 200) throw refusal(proxy, response.statusCode ?? 0);
}

/** What a proxy has answered of itself. */
export function refusal(proxy: Proxy, status: number): ProxyError {
  const why = status === 407 ? ': it wants a name and a password, as in http://NAME:PASSWORD@HOST' : '';
  const mayPass = status >= 500 || status === 429 || status === 408;
  return new ProxyError(proxy, `answered ${status}${why}`, !mayPass);
}

/** The header with which an HTTP proxy is shown the name and the password of its URL. */
export function proxyAuthorization(url: URL): { 'proxy-authorization'?: string } {
  const { name, password } = userOf(url) ?? {};
  if (name === undefined) return {};
  return { 'proxy-authorization': `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

/** The name and the password of a URL; undefined where there are none. */
export function userOf({ username, password }: URL): { name: string; password: string } | undefined {
  if (username === '' && password === '') return undefined;
  return { name: decodeURIComponent(username), password: decodeURIComponent(password) };
}
