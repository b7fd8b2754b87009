import { parseRegistry } from '@ecr-anywhere/ecr-token';
import { annotation, isManaged, isPlausibleExpiry, readTime } from '@ecr-anywhere/secret-scan';
import type { Consumer } from '../consumers/consumer.ts';
import { dataOf, lengthOf, type Secret, type SecretData } from '../consumers/secret.ts';
import type { Milliseconds } from '@ecr-anywhere/settings';

/** Characters of data. The credential for one host has up to about 7,000. */
const MAX_LENGTH_PER_HOST = 32 * 1024;

/** What a Secret holds already, or claims to hold. */
export interface Credential {
  /** The Secret's data under the keys of its consumer. */
  readonly data: SecretData;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What a credential is measured by. */
export interface CredentialPolicy {
  /** AWS's time, in milliseconds since 1970. */
  readonly now: number;
  readonly threshold: Milliseconds;
  readonly configHash: string;
  readonly region: string;
  /** The hosts of the settings, beside the token's own. */
  readonly registryHosts: readonly string[];
  /** The token's own registry; undefined before the first token. */
  readonly ownHost: string | undefined;
}

/**
 * The credential of the stored Secret, if it looks as the webhook writes it:
 *
 * - the stored Secret was managed
 * - it was filled under the current settings
 * - it says when its credentials end
 * - its data has exactly our hosts, in a form that its consumer writes
 *
 * Whether the end can be believed is left to {@link isBelievable}, because AWS's next answer may correct the time.
 *
 * All of this proves nothing about the password. The webhook keeps no list of what it gave, and is not called for every
 * write: a namespace may be enabled later, the webhook's configuration may be gone or have another failure policy. Whoever
 * may write the Secret meanwhile can forge all of it, and an UPDATE that asks for nothing then keeps the forged Secret. That
 * harms only those who pull with it, until the end that it claims. A mark heals it: see `choice.ts`.
 */
export function oldCredential(
  secret: Secret | null | undefined,
  consumer: Consumer,
  policy: CredentialPolicy,
): Credential | undefined {
  if (!secret || !isManaged(secret.metadata)) return undefined;
  if (annotation(secret.metadata, 'configHash') !== policy.configHash) return undefined;
  const expiresAt = readTime(annotation(secret.metadata, 'expiresAt') ?? '');
  if (expiresAt === undefined) return undefined;
  const data = dataUnder(secret, consumer.keys);
  if (data === undefined) return undefined;
  if (lengthOf(data) > MAX_LENGTH_PER_HOST * (1 + policy.registryHosts.length)) return undefined;
  return areOurs(consumer.hosts(secret), policy) ? { data, expiresAt } : undefined;
}

/** Whether it has not ended, and ends no later than a token can. */
export function isBelievable({ expiresAt }: Credential, now: number): boolean {
  return expiresAt > now && isPlausibleExpiry(expiresAt, now);
}

function dataUnder(secret: Secret, keys: readonly string[]): SecretData | undefined {
  const data: Record<string, string> = {};
  for (const key of keys) {
    const value = dataOf(secret, key);
    if (value === undefined) return undefined;
    data[key] = value;
  }
  return data;
}

function areOurs(
  hosts: readonly string[] | undefined,
  { ownHost, region, registryHosts }: CredentialPolicy,
): boolean {
  if (hosts === undefined) return false;
  // Before the first token nobody knows the account: any one registry of our region may be our own.
  const isOwn = (host: string) => isRegistryIn(host, region);
  const own =
    ownHost ??
    hosts.find((host) => !registryHosts.includes(host) && isOwn(host)) ??
    registryHosts.find(isOwn);
  const expected = new Set(own === undefined ? registryHosts : [own, ...registryHosts]);
  return own !== undefined && hosts.length === expected.size && hosts.every((host) => expected.has(host));
}

function isRegistryIn(host: string, region: string): boolean {
  const registry = parseRegistry(host);
  return registry?.public === false && registry.region === region;
}
