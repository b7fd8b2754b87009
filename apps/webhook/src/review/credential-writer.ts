import { dockerConfig, type EcrToken } from '@ecr-anywhere/ecr-token';
import { placing, type Placing } from './fill.ts';

/** The token's own registry, as a bare host. */
export function ownHost(token: EcrToken | undefined): string | undefined {
  return token?.proxyEndpoint?.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/**
 * Makes from a token what fills a pull Secret: a credential for its own registry and `hosts`.
 * The last result is kept, as thousands of Secrets get the same token.
 */
export function pullSecretMaker(hosts: readonly string[]): (token: EcrToken) => Placing {
  let last: { token: EcrToken; placing: Placing } | undefined;
  return (token) => {
    if (last?.token === token) return last.placing;
    const own = ownHost(token);
    const all = own === undefined ? hosts : [own, ...hosts.filter((host) => host !== own)];
    const config = dockerConfig(all.map((host) => ({ host, token })));
    const data = Buffer.from(JSON.stringify(config)).toString('base64');
    last = { token, placing: placing(data) };
    return last.placing;
  };
}
