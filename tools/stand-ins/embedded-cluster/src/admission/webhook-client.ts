import { request, type Agent } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import type { MutatingWebhook } from './mutating-webhook.ts';
import { WebhookAgent } from './webhook-agent.ts';

/** An HTTP response. */
export interface WebhookResponse {
  readonly status: number;
  readonly body: Buffer;
}

/** A webhook that could not be called, or that gave no valid answer. Its failurePolicy decides whether the write fails. */
export class CallingWebhookError extends Error {}

/** Posts reviews as the API server does: HTTP/1.1 over verified TLS, without a credential. */
export class WebhookClient {
  /** By CA bundle. */
  readonly #agents = new Map<string, WebhookAgent>();

  /** @throws CallingWebhookError */
  async post({ clientConfig, timeoutSeconds }: MutatingWebhook, body: string): Promise<WebhookResponse> {
    const url = new URL(clientConfig.url);
    url.searchParams.set('timeout', `${timeoutSeconds}s`);
    const deadline = AbortSignal.timeout(timeoutSeconds * 1000);
    try {
      return await send(url, this.#agent(clientConfig.caBundle ?? ''), body, deadline);
    } catch (error) {
      // The wording is Go's: our programs recognize it.
      const { message, code } = error as NodeJS.ErrnoException;
      const why = deadline.aborted ? 'context deadline exceeded' : message || code;
      throw new CallingWebhookError(`failed to call webhook: Post "${url.href}": ${why}`);
    }
  }

  stop(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #agent(caBundle: string): WebhookAgent {
    let agent = this.#agents.get(caBundle);
    if (agent === undefined) {
      agent = new WebhookAgent(Buffer.from(caBundle, 'base64').toString() || undefined);
      this.#agents.set(caBundle, agent);
    }
    return agent;
  }
}

function send(url: URL, agent: Agent, body: string, signal: AbortSignal): Promise<WebhookResponse> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept: 'application/json, */*',
      'accept-encoding': 'gzip',
      'content-type': 'application/json',
      'user-agent': 'kube-apiserver-admission',
      'content-length': Buffer.byteLength(body),
    };
    const call = request(url, { method: 'POST', agent, headers, signal }, (response) => {
      const { statusCode: status = 0, headers } = response;
      const isZipped = headers['content-encoding'] === 'gzip';
      buffer(response)
        .then((raw) => resolve({ status, body: isZipped ? gunzipSync(raw) : raw }))
        .catch(reject);
    });
    call.on('error', reject);
    call.end(body);
  });
}
