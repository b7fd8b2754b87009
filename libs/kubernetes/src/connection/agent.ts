import { once } from 'node:events';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Access } from '../kubeconfig/access.ts';
import { hostOf } from '../kubeconfig/address.ts';
import type { Milliseconds } from '../milliseconds.ts';
import { ATTEMPT_TIMEOUT, connectThroughProxy, connectToProxy, isSocks } from './tunnel.ts';

/** Limits for opening a connection. */
export interface AgentOptions {
  readonly timeout: Milliseconds;
  readonly signal: AbortSignal;
}

/** Creates an agent that connects to the server directly or through its proxy, and keeps connections open. */
export function createAgent(
  { server, proxy }: Access,
  tls: ConnectionOptions,
  options: AgentOptions,
): HttpAgent {
  const settings = { keepAlive: true, autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT };
  if (server.protocol === 'https:') {
    if (proxy === undefined) return new HttpsAgent({ ...settings, ...tls });
    return withConnect(new HttpsAgent(settings), options, async (signal) => {
      const socket = await connectThroughProxy(proxy, server, tls, signal);
      return startTls(socket, server, tls, signal);
    });
  }
  if (proxy === undefined) return new HttpAgent(settings);
  return withConnect(new HttpAgent(settings), options, (signal) =>
    isSocks(proxy) ? connectThroughProxy(proxy, server, tls, signal) : connectToProxy(proxy, tls, signal),
  );
}

/** Starts TLS with the server on a connection through a proxy. */
async function startTls(
  socket: Socket,
  server: URL,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const host = hostOf(server);
  // Node checks the certificate for this host. Without it, it would check for "localhost".
  const secure = connectTls({ servername: isIP(host) === 0 ? host : '', ...tls, host, socket });
  try {
    await once(secure, 'secureConnect', { signal });
    return secure;
  } catch (error) {
    secure.destroy();
    throw error;
  }
}

type Callback = (error: Error | null, socket?: Socket) => void;

/** Replaces the function with which an agent opens connections. */
function withConnect<Agent extends HttpAgent>(
  agent: Agent,
  { timeout, signal }: AgentOptions,
  connect: (signal: AbortSignal) => Promise<Socket>,
): Agent {
  return Object.assign(agent, {
    createConnection(_: unknown, callback: Callback) {
      connect(AbortSignal.any([signal, AbortSignal.timeout(timeout)])).then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error),
      );
    },
  });
}
