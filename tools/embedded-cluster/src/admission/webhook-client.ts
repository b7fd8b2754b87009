import { request, type Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { CallingWebhookError } from './calling-webhook-error.ts';
import { goNetworkError } from './go-network-error.ts';
import type { MutatingWebhook } from './mutating-webhook.ts';
import type { Services } from './services.ts';
import { WebhookAgent } from './webhook-agent.ts';

/** What came back over HTTP. */
export interface WebhookResponse {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

interface RawResponse extends WebhookResponse {
  /** Seconds of a `Retry-After` on a 429 or a 5xx. */
  readonly retryAfter: number | undefined;
}

/** client-go gives up after so many repetitions. */
const RETRIES = 10;

/** Posts reviews as the API server does: HTTP/1.1 over verified TLS, connections kept for 90 s, no credential. */
export class WebhookClient {
  readonly #agents = new Map<string, WebhookAgent>();

  constructor(private readonly services: Services) {}

  /** @throws CallingWebhookError with the words that the API server puts into its answer */
  async post(webhook: MutatingWebhook, body: string): Promise<WebhookResponse> {
    const { url, agent } = this.#target(webhook);
    url.searchParams.set('timeout', `${webhook.timeoutSeconds}s`);
    const told = url.href.replace(`${url.host}/`, `${hostOf(url)}/`);
    const deadline = AbortSignal.timeout(webhook.timeoutSeconds * 1000);
    try {
      for (let retry = 0; ; retry++) {
        const response = await send(url, agent, body, deadline);
        if (response.retryAfter === undefined || retry === RETRIES) return response;
        await sleep(response.retryAfter * 1000, undefined, { signal: deadline });
      }
    } catch (error) {
      const why = deadline.aborted ? 'context deadline exceeded' : goNetworkError(error as Error, url);
      throw new CallingWebhookError(`failed to call webhook: Post "${told}": ${why}`);
    }
  }

  stop(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  #target({ clientConfig: { url, service, caBundle = '' } }: MutatingWebhook): { url: URL; agent: Agent } {
    if (service === undefined) return { url: new URL(url ?? ''), agent: this.#agent(caBundle) };
    const { namespace, name, path = '/', port = 443 } = service;
    const host = `${name}.${namespace}.svc`;
    const agent = this.#agent(caBundle, host, () => this.services.pick(namespace, name));
    return { url: new URL(`https://${host}:${port}${path}`), agent };
  }

  #agent(caBundle: string, service = '', dial?: () => { host: string; port: number }): WebhookAgent {
    const key = `${service} ${caBundle}`;
    let agent = this.#agents.get(key);
    if (agent === undefined) {
      const ca = Buffer.from(caBundle, 'base64').toString();
      this.#agents.set(key, (agent = new WebhookAgent(ca === '' ? undefined : ca, dial)));
    }
    return agent;
  }
}

/** Go names the port of a Service even where it is the default. */
function hostOf(url: URL): string {
  return url.port === '' && url.hostname.endsWith('.svc') ? `${url.hostname}:443` : url.host;
}

function send(url: URL, agent: Agent, body: string, signal: AbortSignal): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const headers = {
      accept: 'application/json, */*',
      'accept-encoding': 'gzip',
      'content-type': 'application/json',
      'user-agent': 'kube-apiserver-admission',
      'content-length': Buffer.byteLength(body),
    };
    const call = request(url, { method: 'POST', agent, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        const raw = Buffer.concat(chunks);
        const mayRetry = status === 429 || status >= 500;
        const retryAfter =
          mayRetry && /^\d+$/.test(headers['retry-after'] ?? '') ? headers['retry-after'] : undefined;
        resolve({
          status,
          contentType: headers['content-type'],
          body: headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw,
          retryAfter: retryAfter === undefined ? undefined : Number(retryAfter),
        });
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}
