import { createHash } from 'node:crypto';

/** The settings that decide what credentials a Secret gets. Keys and tokens are not among them. */
export interface CredentialSettings {
  readonly region: string;
  /** In the order in which they are assumed. */
  readonly roleArns: readonly string[];
  /** Registry hosts beside the token's own; their order does not matter. */
  readonly hosts: readonly string[];
}

/** A fingerprint of settings, 64 hexadecimal digits: Secrets with another one were made under other settings. */
export function configHash({ region, roleArns, hosts }: CredentialSettings): string {
  const canonical = JSON.stringify([region, roleArns, [...new Set(hosts)].sort()]);
  return createHash('sha256').update(canonical).digest('hex');
}
