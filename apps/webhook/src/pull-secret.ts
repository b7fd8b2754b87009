import { dockerConfig, type EcrToken } from '@ecr-anywhere/ecr-token';

/** The token's own registry, as a bare host. */
export function ownHost(token: EcrToken | undefined): string | undefined {
  return token?.proxyEndpoint?.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/**
 * Makes the data of a pull Secret from a token: its own registry and `hosts`, in Base64.
 * The last result is kept, as thousands of Secrets get the same token.
 */
export function pullSecretMaker(hosts: readonly string[]): (token: EcrToken) => string {
  let last: { token: EcrToken; data: string } | undefined;
  return (token) => {
    if (last?.token === token) return last.data;
    const own = ownHost(token);
    const all = own === undefined ? hosts : [own, ...hosts.filter((host) => host !== own)];
    const config = dockerConfig(all.map((host) => ({ host, token })));
    const data = Buffer.from(JSON.stringify(config)).toString('base64');
    last = { token, data };
    return data;
  };
}
