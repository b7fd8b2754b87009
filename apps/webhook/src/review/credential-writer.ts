import type { EcrToken } from '@ecr-anywhere/ecr-token';
import type { Consumer } from '../consumers/consumer.ts';
import type { SecretData } from '../consumers/secret.ts';

/** The token's own registry, as a bare host. */
export function ownHost(token: EcrToken | undefined): string | undefined {
  return token?.proxyEndpoint?.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/**
 * Writes credentials for the token's own registry and for `hosts`. The same token fills thousands of Secrets, so the data
 * of each consumer is made once for each token.
 */
export function credentialWriter(
  hosts: readonly string[],
): (consumer: Consumer, token: EcrToken) => SecretData {
  const written = new WeakMap<EcrToken, Map<Consumer, SecretData>>();
  return (consumer, token) => {
    const ofToken = written.get(token) ?? new Map<Consumer, SecretData>();
    written.set(token, ofToken);
    const data = ofToken.get(consumer) ?? consumer.write(grants(hosts, token));
    ofToken.set(consumer, data);
    return data;
  };
}

function grants(hosts: readonly string[], token: EcrToken) {
  const own = ownHost(token);
  const all = own === undefined ? hosts : [own, ...hosts.filter((host) => host !== own)];
  return all.map((host) => ({ host, token }));
}
