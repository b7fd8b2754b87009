import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';

const IDLE = 90_000;

/**
 * A pool of connections with the habits of the API server's: at most 25 idle ones, kept for 90 s, the one used last
 * first, whatever `Keep-Alive` the server hints at (Node would heed it, Go does not).
 */
export class WebhookAgent extends Agent {
  /** @param dial where new connections go, for a Service. It may throw. */
  constructor(
    ca: string | undefined,
    private readonly dial?: () => { host: string; port: number },
  ) {
    // As in Go, any certificate of the bundle is a root, self-signed or not.
    const trust = { ca, allowPartialTrustChain: true } as AgentOptions;
    super({ ...trust, keepAlive: true, maxFreeSockets: 25, scheduling: 'lifo' });
  }

  override createConnection(
    options: RequestOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    if (this.dial === undefined) return super.createConnection(options, callback);
    try {
      return super.createConnection({ ...options, ...this.dial() }, callback);
    } catch (error) {
      const notify = callback as ((error: Error) => void) | undefined;
      notify?.(error as Error);
      return undefined;
    }
  }

  override keepSocketAlive(stream: Duplex): boolean {
    const socket = stream as Socket;
    socket.setTimeout(IDLE);
    socket.unref();
    return true;
  }
}
