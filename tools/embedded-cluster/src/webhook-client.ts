import { Agent, request } from 'node:https';
import type { Socket } from 'node:net';

/** Posts reviews as the API server does: HTTP/1.1, connections kept for 90 s, no credential, no retry. */
export class WebhookClient {
  readonly #agents = new Map<string, Agent>();

  /** @throws with the words that the API server would put into its answer. */
  post(
    url: URL,
    ca: string,
    body: string,
    timeoutSeconds: number,
  ): Promise<{ status: number; body: string }> {
    const target = new URL(url);
    target.searchParams.set('timeout', `${timeoutSeconds}s`);
    return new Promise((resolve, reject) => {
      const call = request(
        target,
        {
          method: 'POST',
          agent: this.#agentFor(ca),
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            'content-length': Buffer.byteLength(body),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            clearTimeout(late);
            resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
          });
        },
      );
      const late = setTimeout(
        () => call.destroy(new Error('context deadline exceeded')),
        timeoutSeconds * 1000,
      );
      call.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(late);
        reject(new Error(`Post "${target.href}": ${inGo(error)}`));
      });
      call.end(body);
    });
  }

  stop(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #agentFor(ca: string): Agent {
    let agent = this.#agents.get(ca);
    if (agent === undefined) {
      agent = new Agent({ ca, keepAlive: true, timeout: 90_000, scheduling: 'lifo' });
      agent.on('free', (socket: Socket) => socket.setNoDelay(true));
      this.#agents.set(ca, agent);
    }
    return agent;
  }
}

/** Node's errors in the words of Go's. */
function inGo(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'dial tcp: connect: connection refused';
    case 'ECONNRESET':
      return 'read: connection reset by peer';
    default:
      return error.code?.includes('CERT') || error.code?.startsWith('UNABLE')
        ? `tls: failed to verify certificate: x509: ${error.message}`
        : error.message;
  }
}
