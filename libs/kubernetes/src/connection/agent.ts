import { once } from 'node:events';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import type { Access } from '../kubeconfig/access.ts';
import { ATTEMPT_TIMEOUT, hostOf } from './addresses.ts';
import { connectToProxy, isSocks, tunnel } from './tunnel.ts';

/** How long a connection may take, and what ends it. */
export interface AgentOptions {
  readonly timeout: Milliseconds;
  readonly signal: AbortSignal;
}

/** Keeps connections to the server, straight or through its proxy. */
export function agentFor(
  { server, proxy }: Access,
  tls: ConnectionOptions,
  options: AgentOptions,
): HttpAgent {
  const kept = { keepAlive: true, autoSelectFamilyAttemptTimeout: ATTEMPT_TIMEOUT };
  if (server.protocol === 'https:') {
    if (proxy === undefined) return new HttpsAgent({ ...kept, ...tls });
    return connecting(new HttpsAgent(kept), options, async (signal) => {
      const socket = await tunnel(proxy, server, tls, signal);
      return secured(socket, server, tls, signal);
    });
  }
  if (proxy === undefined) return new HttpAgent(kept);
  return connecting(new HttpAgent(kept), options, (signal) =>
    isSocks(proxy) ? tunnel(proxy, server, tls, signal) : connectToProxy(proxy, tls, signal),
  );
}

async function secured(
  socket: Socket,
  server: URL,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const host = hostOf(server);
  // Without the host, Node would check the certificate for "localhost".
  const secure = connectTls({ servername: isIP(host) === 0 ? host : '', ...tls, host, socket });
  try {
    await once(secure, 'secureConnect', { signal });
    return secure;
  } catch (error) {
    secure.destroy();
    throw error;
  }
}

type Connected = (error: Error | null, socket?: Socket) => void;

/** Replaces how an agent opens connections. */
function connecting<Agent extends HttpAgent>(
  agent: Agent,
  { timeout, signal }: AgentOptions,
  connect: (signal: AbortSignal) => Promise<Socket>,
): Agent {
  return Object.assign(agent, {
    createConnection(_: unknown, connected: Connected) {
      connect(AbortSignal.any([signal, AbortSignal.timeout(timeout)])).then(
        (socket) => connected(null, socket),
        (error: Error) => connected(error),
      );
    },
  });
}
