import { Agent, type AgentOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

const IDLE = 90_000;

/**
 * The API server's connection pool: at most 25 idle connections, kept for 90 s, the last one used first. Node would close
 * them earlier if the server sends a `Keep-Alive` header; Go ignores it.
 */
export class WebhookAgent extends Agent {
  constructor(ca: string | undefined) {
    // As in Go, any certificate of the bundle is a root, self-signed or not.
    const trust = { ca, allowPartialTrustChain: true } as AgentOptions;
    super({ ...trust, keepAlive: true, maxFreeSockets: 25, scheduling: 'lifo' });
  }

  override keepSocketAlive(stream: Duplex): boolean {
    const socket = stream as Socket;
    socket.setTimeout(IDLE);
    socket.unref();
    return true;
  }
}
