import { hostsOfDockerConfig, parseRegistry } from '@ecr-anywhere/ecr-token';
import {
  annotation,
  CLOCK_TOLERANCE,
  isManaged,
  readTime,
  SECRET_KEY,
  TOKEN_LIFETIME,
  type Milliseconds,
} from '@ecr-anywhere/secret-scan';
import { dataOf, type Secret } from '../consumers/secret.ts';

/** Far more characters of data than the credential for one host takes, which is about 7,000. */
const LONGEST = 32 * 1024;

/** What a Secret holds already, or says that it holds. */
export interface Credential {
  /** The Secret's data under its key, in Base64. */
  readonly data: string;
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
 * The credential of the stored Secret, where it looks as we write it.
 *
 * All of this has to hold: the stored object was managed; it was made under the settings of today; it says when it ends;
 * and its data has exactly the hosts and the shape that we write. Whether that end can be believed is left to
 * {@link isBelievable}, as AWS's next answer may correct the time.
 *
 * That proves nothing about the password. Whoever may write the Secret while the webhook is not called for it (before its
 * namespace is enabled, or while the webhook's configuration is gone or has another failure policy) can make all of it
 * up, and the webhook keeps no list of what it gave. So a no-op UPDATE keeps such a Secret as it is. It harms nobody but
 * those who pull with it, and only until the end that it claims. A mark heals it: see `choice.ts`.
 */
export function oldCredential(
  secret: Secret | null | undefined,
  policy: CredentialPolicy,
): Credential | undefined {
  if (!secret || !isManaged(secret.metadata)) return undefined;
  if (annotation(secret.metadata, 'configHash') !== policy.configHash) return undefined;
  const expiresAt = readTime(annotation(secret.metadata, 'expiresAt') ?? '');
  if (expiresAt === undefined) return undefined;
  const data = dataOf(secret, SECRET_KEY);
  if (data === undefined || !hasOurHosts(data, policy)) return undefined;
  return { data, expiresAt };
}

/** Whether it has not ended, and ends no later than a token can. */
export function isBelievable({ expiresAt }: Credential, now: number): boolean {
  return expiresAt > now && expiresAt <= now + TOKEN_LIFETIME + CLOCK_TOLERANCE;
}

function hasOurHosts(data: string, { ownHost, region, registryHosts }: CredentialPolicy): boolean {
  if (data.length > LONGEST * (1 + registryHosts.length)) return false;
  const hosts = hostsOfDockerConfig(Buffer.from(data, 'base64').toString('utf8'));
  if (hosts === undefined) return false;
  // Before the first token nobody knows the account, so that any one registry of our region may be our own.
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
