import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { EcrTokenError } from '../errors.ts';
import type { AwsClientOptions } from './client-options.ts';
import { isExempt } from './no-proxy.ts';

const CONNECT_TIMEOUT = 3_000;
const REQUEST_TIMEOUT = 8_000;

type Handle = NodeHttpHandler['handle'];

/** Speaks HTTP for the SDK, with the deadlines, the proxy and the root certificates that the SDK would do without. */
export class RequestHandler extends NodeHttpHandler {
  readonly #proxied: NodeHttpHandler | undefined;
  readonly #noProxy: string;

  /** @throws `EcrTokenError` with `invalid-settings` where the CA bundle cannot be read. */
  constructor(options: AwsClientOptions) {
    const { httpsProxy, noProxy = '', caBundle } = options;
    const ca = caBundle === undefined ? undefined : readBundle(caBundle);
    const timeouts = {
      connectionTimeout: options.connectTimeout ?? CONNECT_TIMEOUT,
      requestTimeout: options.requestTimeout ?? REQUEST_TIMEOUT,
      throwOnRequestTimeout: true, // otherwise the SDK only warns
    };
    super({ ...timeouts, httpsAgent: new Agent({ ca }) });
    this.#noProxy = noProxy;
    this.#proxied =
      httpsProxy === undefined
        ? undefined
        : new NodeHttpHandler({ ...timeouts, httpsAgent: new HttpsProxyAgent(httpsProxy, { ca }) });
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

function readBundle(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.includes('-----BEGIN')) return text;
  } catch (cause) {
    throw unreadable(file, (cause as NodeJS.ErrnoException).code ?? 'it cannot be read');
  }
  throw unreadable(file, 'it holds no PEM certificate');
}

function unreadable(file: string, why: string): EcrTokenError {
  return new EcrTokenError({
    code: 'invalid-settings',
    message: `AWS_CA_BUNDLE names ${file}, but ${why}`,
    remedy: 'point AWS_CA_BUNDLE to a readable PEM file, or unset it',
  });
}
