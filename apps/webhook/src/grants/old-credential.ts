import { profileNames, type Milliseconds } from '@ecr-anywhere/settings';
import {
  annotation,
  isManaged,
  isPlausibleExpiry,
  MISSING,
  readEnds,
  readTime,
} from '@ecr-anywhere/secret-scan';
import { UNNAMED_HOST, type Consumer, type Logins } from '../consumers/consumer.ts';
import { consumerOf } from '../consumers/index.ts';
import { dataOf, lengthOf, type Secret, type SecretData } from '../consumers/secret.ts';
import { isOwnHost, profileOf, serves, type Grant } from './grant.ts';

/** Characters. A password of ECR has some 2,500. */
const MAX_PASSWORD_LENGTH = 16 * 1024;

/** Characters of data: what a Secret can hold, which is 1 MiB. It may have been made under settings with more hosts than today. */
const MAX_LENGTH = 1.5 * 1024 * 1024;

/** What a stored Secret holds for one grant, or claims to hold. */
export interface OldCredential {
  /** By host: the token's own registry, and the hosts of the grant, as far as they are there. */
  readonly logins: Logins;
  /** When it ends, as the annotations say, in milliseconds since 1970; undefined if they do not say it. */
  readonly expiresAt: number | undefined;
  /**
   * Whether it looks as the webhook writes it under the settings of now. Whether the end can be believed is left to
   * {@link isBelievable}, because AWS's next answer may correct the time.
   */
  readonly isOurs: boolean;
}

/** What a stored Secret holds. */
export interface OldCredentials {
  /** The Secret's data under the keys of its consumer. */
  readonly data: SecretData;
  /** In the order of the grants; undefined where the Secret has no host of a grant. */
  readonly byGrant: readonly (OldCredential | undefined)[];
  /** Whether the data has more than credentials. */
  readonly hasRest: boolean;
}

/** What credentials are measured by. */
export interface CredentialPolicy<G extends Grant = Grant> {
  /** AWS's time, in milliseconds since 1970. */
  readonly now: number;
  readonly threshold: Milliseconds;
  readonly configHash: string;
  /** What the Secret should have. */
  readonly grants: readonly G[];
}

/**
 * The credentials of the stored Secret, if it was managed, and was of the same kind. A credential counts as ours if:
 *
 * - the Secret has data in the form that its consumer writes
 * - it was filled under the current settings
 * - its data has each host of the grant, and no host beside those of all grants
 * - it says when the credential ends, in `expires_at_each` if the Secret should have several
 *
 * All of this proves nothing about the password. The webhook keeps no list of what it gave, and is not called for every
 * write: a namespace may be enabled later, the webhook's configuration may be gone or have another failure policy. Whoever
 * may write the Secret meanwhile can forge all of it, and an UPDATE that asks for nothing then keeps the forged Secret. That
 * harms only those who pull with it, until the end that it claims. A mark heals it: see `choice.ts`.
 */
export function oldCredentials(
  secret: Secret | null | undefined,
  consumer: Consumer,
  { configHash, grants }: CredentialPolicy,
): OldCredentials | undefined {
  if (!secret || !isManaged(secret.metadata) || consumerOf(secret) !== consumer) return undefined;
  const data = dataUnder(secret, consumer.keys);
  if (data === undefined) return undefined;
  const rest = consumer.rest?.of(secret);
  if (lengthOf(data) > MAX_LENGTH) return undefined;
  const { logins, isOurForm } = consumer.read(secret);
  if (!grants.every((grant) => isOfProfile(grant, secret))) return undefined;
  const found = grants.map((grant) => ({ grant, part: loginsOf(grant, logins, grants) }));
  const hostsFound = new Set(found.flatMap(({ part }) => [...part.logins.keys()]));
  const ends = endsIn(secret, found);
  const isOurs =
    isOurForm &&
    annotation(secret.metadata, 'configHash') === configHash &&
    hostsFound.size === logins.size &&
    ends !== undefined;
  const byGrant = found.map(({ grant, part }) => {
    if (part.logins.size === 0) return undefined;
    const expiresAt = ends === undefined ? endOfOne(secret, found) : ends(grant);
    const isBelievedWhole = isOurs && part.isWhole && [...part.logins.values()].every(isOrdinary);
    return { logins: part.logins, expiresAt, isOurs: isBelievedWhole && expiresAt !== undefined };
  });
  return { data, byGrant, hasRest: rest?.kind === 'kept' };
}

/** Whether a credential looks as the webhook writes it, has not ended, and ends no later than a token can. */
export function isBelievable(
  old: OldCredential | undefined,
  now: number,
): old is OldCredential & { readonly expiresAt: number } {
  if (old?.expiresAt === undefined || !old.isOurs) return false;
  return old.expiresAt > now && isPlausibleExpiry(old.expiresAt, now);
}

function isOrdinary({ password }: { readonly password: string }): boolean {
  return password.length <= MAX_PASSWORD_LENGTH;
}

/** The entries of a grant, and whether they are all that it should have. */
interface Part {
  readonly logins: Logins;
  readonly isWhole: boolean;
}

function loginsOf(grant: Grant, logins: Logins, grants: readonly Grant[]): Part {
  if (grant.onlyHost !== undefined) return onlyLogin({ ...grant, onlyHost: grant.onlyHost }, logins);
  const own =
    grant.ownHost === undefined ? ownHostsAmong([...logins.keys()], grant, grants) : [grant.ownHost];
  const hosts = new Set([...own, ...grant.hosts]);
  const found = [...logins].filter(([host]) => hosts.has(host));
  const isClear =
    own.length === 1 &&
    !own.some((host) => grants.some((other) => other !== grant && isOwnHost(host, other)));
  return { logins: new Map(found), isWhole: isClear && found.length === hosts.size };
}

/** Two profiles may have the same hash, and a single password does not say whose it is. So the names of the profiles must agree. */
function isOfProfile(grant: Grant, { metadata }: Secret): boolean {
  if (grant.onlyHost === undefined) return true;
  return profileNames(metadata)?.every((name) => name === profileOf(grant)) ?? false;
}

/**
 * The password of a Secret with one password. It opens every host of its region, so it stays if the Secret now names another
 * host of this region. A Secret that named no host was filled while there was one region: its hash then says which.
 */
function onlyLogin(grant: Grant & { readonly onlyHost: string }, logins: Logins): Part {
  const [[host, login] = [], ...others] = logins;
  const isOfGrant = host === UNNAMED_HOST || (host !== undefined && serves(grant, host));
  if (login === undefined || others.length > 0 || !isOfGrant) return { logins: new Map(), isWhole: false };
  return { logins: new Map([[grant.onlyHost, login]]), isWhole: true };
}

/**
 * The hosts in a Secret that can be the token's own registry, while there is no token that says it: any private registry of the
 * grant's region that no other grant has. If there is none, one that the settings list.
 */
function ownHostsAmong(hosts: readonly string[], grant: Grant, grants: readonly Grant[]): readonly string[] {
  const listed = new Set(grants.flatMap((each) => each.hosts));
  const others = grants.filter((other) => other !== grant);
  const taken = new Set(others.map(({ ownHost }) => ownHost));
  const possible = hosts.filter((host) => !listed.has(host) && !taken.has(host) && isOwnHost(host, grant));
  if (possible.length > 0) return possible;
  return grant.hosts.filter((host) => isOwnHost(host, grant)).slice(0, 1);
}

/** The entries of a Secret for one grant. */
interface FoundPart {
  readonly grant: Grant;
  readonly part: Part;
}

/**
 * When the credential of each grant ends. With one grant, `expires_at` says it. With several, `expires_at_each` does.
 *
 * @returns undefined if there are several, and `expires_at_each` does not belong to the rest of the Secret
 */
function endsIn(
  { metadata }: Secret,
  found: readonly FoundPart[],
): ((grant: Grant) => number | undefined) | undefined {
  const expiresAt = timeIn(metadata, 'expiresAt');
  if (found.length === 1) return () => expiresAt;
  const ends = readEnds(metadata);
  if (ends === undefined) return undefined;
  // A version that does not know `expires_at_each` leaves it as it was, when it fills a Secret.
  const times = [...ends.values()].filter((end) => end !== MISSING);
  const isOfThisFill =
    times.length < ends.size ? isTimeOfWriting(metadata) : Math.min(...times) === expiresAt;
  if (!isOfThisFill) return undefined;
  return ({ name }) => {
    const end = ends.get(name);
    return end === MISSING ? undefined : end;
  };
}

/** When the only credential of a Secret ends, which was filled for one grant; undefined if it has several. */
function endOfOne({ metadata }: Secret, found: readonly FoundPart[]): number | undefined {
  const isOne = found.filter(({ part }) => part.logins.size > 0).length === 1;
  return isOne && !isTimeOfWriting(metadata) ? timeIn(metadata, 'expiresAt') : undefined;
}

/** Whether `expires_at` says nothing of an end: where a credential is missing, it is the time of writing. */
function isTimeOfWriting(metadata: Secret['metadata']): boolean {
  const [expiresAt, updatedAt] = [timeIn(metadata, 'expiresAt'), timeIn(metadata, 'updatedAt')];
  return expiresAt !== undefined && updatedAt !== undefined && expiresAt <= updatedAt;
}

function timeIn(metadata: Secret['metadata'], name: 'expiresAt' | 'updatedAt'): number | undefined {
  return readTime(annotation(metadata, name) ?? '');
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
