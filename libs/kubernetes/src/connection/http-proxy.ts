import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Proxy } from '../kubeconfig/access.ts';
import { portOf } from '../kubeconfig/address.ts';
import { ProxyError } from './proxy-error.ts';
import { tlsRefusal } from './tls-error.ts';

/**
 * Asks an HTTP proxy to connect to a server.
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
    // With TLS 1.3, a proxy that requires a client certificate refuses only after the handshake.
    const refusal = tlsRefusal(error);
    if (refusal !== undefined) throw new ProxyError(proxy, `refuses the TLS handshake: ${refusal}`, true);
    throw new ProxyError(proxy, `did not open a connection (${error.code})`, false);
  })) as [IncomingMessage];
  if (response.statusCode !== 200) throw proxyRefusal(proxy, response.statusCode ?? 0);
}

/** The error for an answer that the proxy gives itself. */
export function proxyRefusal(proxy: Proxy, status: number): ProxyError {
  const why = status === 407 ? ': it requires a name and a password, as in http://NAME:PASSWORD@HOST' : '';
  const mayPass = status >= 500 || status === 429 || status === 408;
  return new ProxyError(proxy, `answered ${status}${why}`, !mayPass);
}

/** The header with the name and the password of a proxy's URL. */
export function proxyAuthorization(url: URL): { 'proxy-authorization'?: string } {
  const { name, password } = userOf(url) ?? {};
  if (name === undefined) return {};
  return { 'proxy-authorization': `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

/** The name and the password of a URL; undefined if it has none. */
export function userOf({ username, password }: URL): { name: string; password: string } | undefined {
  if (username === '' && password === '') return undefined;
  return { name: decodeURIComponent(username), password: decodeURIComponent(password) };
}
