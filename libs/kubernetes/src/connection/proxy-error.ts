import type { Proxy } from '../kubeconfig/access.ts';
import { portOf } from './addresses.ts';

/** A proxy was the trouble, not the API server. The message names it without its credentials, and shows nothing that it said. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';

  constructor(
    { url, setting }: Proxy,
    what: string,
    /** Whether the next attempt would fail in the same way. */
    readonly isPermanent: boolean,
  ) {
    super(`the proxy ${url.hostname}:${portOf(url)} (${setting}) ${what}`);
  }
}
