import { Agent } from 'node:https';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { attemptTimeout } from './attempt-timeout.ts';
import { readCaBundle } from './ca-bundle.ts';
import type { AwsClientOptions } from './client-options.ts';
import { isExempt } from './is-exempt.ts';
import { ProxyAgent } from './proxy-agent.ts';

const CONNECT_TIMEOUT = 3_000;
const REQUEST_TIMEOUT = 8_000;

type Handle = NodeHttpHandler['handle'];

/** The SDK's HTTP handler, with deadlines, proxy and root certificates, which the SDK by itself does not have. */
export class RequestHandler extends NodeHttpHandler {
  readonly #proxied: NodeHttpHandler | undefined;
  readonly #noProxy: string;

  /** @throws `EcrTokenError` with `invalid-settings` if the CA bundle cannot be read. */
  constructor(options: AwsClientOptions) {
    const { httpsProxy, noProxy, caBundle } = options;
    const ca = caBundle ? readCaBundle(caBundle) : undefined;
    const { connectTimeout = CONNECT_TIMEOUT, requestTimeout = REQUEST_TIMEOUT } = options;
    const timeouts = {
      connectionTimeout: connectTimeout,
      requestTimeout, // until the headers of the answer
      socketTimeout: requestTimeout, // between parts of its body
      throwOnRequestTimeout: true, // otherwise the SDK only warns
    };
    const autoSelectFamilyAttemptTimeout = attemptTimeout(connectTimeout);
    super({
      ...timeouts,
      httpAgent: { autoSelectFamilyAttemptTimeout },
      httpsAgent: new Agent({ ca, autoSelectFamilyAttemptTimeout }),
    });
    const timeout = connectTimeout * 0.9; // sooner than the handler's timeout, whose error does not name the proxy
    this.#noProxy = noProxy ?? '';
    this.#proxied = httpsProxy
      ? new NodeHttpHandler({ ...timeouts, httpsAgent: new ProxyAgent(httpsProxy, { ca, timeout }) })
      : undefined;
  }

  override handle(request: Parameters<Handle>[0], options?: Parameters<Handle>[1]): ReturnType<Handle> {
    const { protocol, hostname, port = 443 } = request;
    const direct = protocol !== 'https:' || isExempt(this.#noProxy, hostname, port);
    if (this.#proxied === undefined || direct) return super.handle(request, options);
    return this.#proxied.handle(request, options);
  }

  override destroy(): void {
    super.destroy();
    this.#proxied?.destroy();
  }
}
