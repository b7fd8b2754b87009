import { createHash } from 'node:crypto';

/** The settings that decide which credentials a Secret gets. They hold no key and no token. */
export interface CredentialSettings {
  readonly region: string;
  /** The roles, in the order in which they are assumed. */
  readonly roleArns: readonly string[];
  /** Registry hosts beside the token's own, in any order. */
  readonly hosts: readonly string[];
  /**
   * What gives the first credentials, such as a directory of keys. Leave it out for an installation with one source: it would
   * only make Secrets due.
   */
  readonly source?: string | undefined;
}

/** The SHA-256 of settings, as 64 hexadecimal digits. A Secret with another hash was filled under other settings. */
export function configHash({ region, roleArns, hosts, source }: CredentialSettings): string {
  const settings = [region, roleArns, [...new Set(hosts)].sort(), ...(source === undefined ? [] : [source])];
  const canonical = JSON.stringify(settings);
  return createHash('sha256').update(canonical).digest('hex');
}

/**
 * The hash of a Secret that is filled under several settings, from the hashes of all of them, in any order. One hash stays as
 * it is.
 */
export function combinedHash(hashes: readonly string[]): string {
  const [first = '', ...others] = [...new Set(hashes)].sort();
  if (others.length === 0) return first;
  return createHash('sha256')
    .update(JSON.stringify([first, ...others]))
    .digest('hex');
}
