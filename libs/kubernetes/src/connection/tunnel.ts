import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Proxy } from '../kubeconfig/access.ts';
import { hostOf, portOf } from '../kubeconfig/address.ts';
import type { Milliseconds } from '../milliseconds.ts';
import { connectThroughHttp, userOf } from './http-proxy.ts';
import { ProxyError } from './proxy-error.ts';
import { connectThroughSocks, SocksError } from './socks5.ts';
import { isTlsError, tlsRefusal } from './tls-error.ts';

/**
 * How long Node waits for one address of a name before it tries the next one. Node's default of 250 ms is less than a round
 * trip to the other side of the world: a distant server with several addresses could never be reached.
 */
export const ATTEMPT_TIMEOUT: Milliseconds = 2_500;

/**
 * Opens a connection to a proxy. An `https:` proxy must have a certificate from the CA of the API server, as with kubectl.
 *
 * @throws ProxyError
 */
export async function connectToProxy(
  proxy: Proxy,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const host = hostOf(proxy.url);
  const port = Number(portOf(proxy.url));
  const address = { host, port, autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT };
  const isTls = proxy.url.protocol === 'https:';
  const servername = isIP(host) === 0 ? host : '';
  const socket = isTls ? connectTls({ servername, ...tls, ...address }) : connectTcp(address);
  try {
    await once(socket, isTls ? 'secureConnect' : 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    const refusal = tlsRefusal(error);
    const what =
      refusal === undefined ? `cannot be reached (${code})` : `refuses the TLS handshake: ${refusal}`;
    throw new ProxyError(proxy, what, isTlsError(error));
  }
}

/**
 * Opens a connection to a server through a proxy.
 *
 * @throws ProxyError
 */
export async function connectThroughProxy(
  proxy: Proxy,
  server: URL,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const socket = await connectToProxy(proxy, tls, signal);
  const abort = () => socket.destroy();
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (isSocks(proxy)) await connectThroughSocks(socket, server, userOf(proxy.url));
    else await connectThroughHttp(socket, proxy, server);
    return socket;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    if (error instanceof SocksError) throw new ProxyError(proxy, error.message, error.isPermanent);
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

export function isSocks({ url }: Proxy): boolean {
  return url.protocol.startsWith('socks');
}
