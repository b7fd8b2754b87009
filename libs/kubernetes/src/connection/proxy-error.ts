import type { Proxy } from '../kubeconfig/access.ts';
import { portOf } from '../kubeconfig/address.ts';

/** A proxy refused or failed, not the API server. The message has neither the proxy's credentials nor its own words. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';

  constructor(
    { url, setting }: Proxy,
    what: string,
    /** Whether another attempt would fail in the same way. */
    readonly isPermanent: boolean,
  ) {
    super(`the proxy ${url.hostname}:${portOf(url)} (${setting}) ${what}`);
  }
}
