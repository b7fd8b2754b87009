import type { EcrToken } from '@ecr-anywhere/ecr-token';
import type { Target } from '@ecr-anywhere/settings';
import type { Consumer } from '../consumers/consumer.ts';
import type { SecretData } from '../consumers/secret.ts';

/** The token's own registry, as a bare host. */
export function ownHost(token: EcrToken | undefined): string | undefined {
  return token?.proxyEndpoint?.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/** What is made of the last token of a target. */
interface Written {
  readonly token: EcrToken;
  readonly data: Map<Consumer, SecretData>;
}

type Hosts = Pick<Target, 'hosts'>;

/**
 * Writes credentials for the token's own registry and for the hosts of its target. The same token fills thousands of
 * Secrets, so the data of each consumer is made once for each token of a target.
 */
export function credentialWriter(): (target: Hosts, consumer: Consumer, token: EcrToken) => SecretData {
  const lastOf = new WeakMap<Hosts, Written>();
  return (target, consumer, token) => {
    const known = lastOf.get(target);
    const last = known?.token === token ? known : { token, data: new Map<Consumer, SecretData>() };
    lastOf.set(target, last);
    const data = last.data.get(consumer) ?? consumer.write(grants(target.hosts, token));
    last.data.set(consumer, data);
    return data;
  };
}

function grants(hosts: readonly string[], token: EcrToken) {
  const own = ownHost(token);
  const all = own === undefined ? hosts : [own, ...hosts.filter((host) => host !== own)];
  return all.map((host) => ({ host, token }));
}
