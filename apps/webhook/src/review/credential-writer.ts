import { encodeOperation } from '@ecr-anywhere/admission';
import type { EcrToken } from '@ecr-anywhere/ecr-token';
import type { Target } from '@ecr-anywhere/settings';
import type { Consumer, WriteOptions } from '../consumers/consumer.ts';
import type { SecretData } from '../consumers/secret.ts';
import { setKey, type CredentialData } from './fill.ts';

/** The token's own registry, as a bare host. */
export function ownHost(token: EcrToken | undefined): string | undefined {
  return token?.proxyEndpoint?.replace(/^https?:\/\//, '').replace(/\/$/, '');
}

/** What is made of the last token of a target. */
interface Written {
  readonly token: EcrToken;
  readonly data: Map<Consumer, CredentialData>;
}

type Hosts = Pick<Target, 'hosts'>;

/**
 * Writes credentials for the token's own registry and for the hosts of its target. The same token fills thousands of
 * Secrets, so the data of each consumer is made and encoded once for each token of a target.
 */
export function credentialWriter(
  options: WriteOptions,
): (target: Hosts, consumer: Consumer, token: EcrToken) => CredentialData {
  const lastOf = new WeakMap<Hosts, Written>();
  return (target, consumer, token) => {
    const known = lastOf.get(target);
    const last = known?.token === token ? known : { token, data: new Map<Consumer, CredentialData>() };
    lastOf.set(target, last);
    const data = last.data.get(consumer) ?? encode(consumer.write(grants(target.hosts, token), options));
    last.data.set(consumer, data);
    return data;
  };
}

function encode(data: SecretData): CredentialData {
  const operations = Object.entries(data).map(
    ([key, value]) => [key, encodeOperation(setKey(key, value))] as const,
  );
  return { data, encoded: new Map(operations) };
}

function grants(hosts: readonly string[], token: EcrToken) {
  const own = ownHost(token);
  const all = own === undefined ? hosts : [own, ...hosts.filter((host) => host !== own)];
  return all.map((host) => ({ host, token }));
}
