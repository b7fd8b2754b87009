import { dockerConfig, type EcrToken } from '@ecr-anywhere/ecr-token';
import type { Target } from '@ecr-anywhere/settings';
import { placing, type Placing } from './refill.ts';

/** The token's own registry, as a bare host. */
export function ownHost(token: EcrToken | undefined): string | undefined {
  return token?.proxyEndpoint?.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/**
 * Makes from a token what fills a pull Secret: a credential for its own registry and for the hosts of its target. The last
 * result of each target is kept, as thousands of Secrets get the same token.
 */
export function pullSecretMaker(): (target: Pick<Target, 'hosts'>, token: EcrToken) => Placing {
  const last = new WeakMap<Pick<Target, 'hosts'>, { token: EcrToken; placing: Placing }>();
  return (target, token) => {
    const known = last.get(target);
    if (known?.token === token) return known.placing;
    const { hosts } = target;
    const own = ownHost(token);
    const all = own === undefined ? hosts : [own, ...hosts.filter((host) => host !== own)];
    const config = dockerConfig(all.map((host) => ({ host, token })));
    const made = placing(Buffer.from(JSON.stringify(config)).toString('base64'));
    last.set(target, { token, placing: made });
    return made;
  };
}
