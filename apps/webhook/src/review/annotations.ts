import {
  annotation,
  MISSING,
  readTime,
  writeEnds,
  type ANNOTATIONS,
  type Ends,
} from '@ecr-anywhere/secret-scan';
import type { Secret } from '../consumers/secret.ts';

/**
 * The annotations that the webhook and the refresher write. Only these are put back. Any other annotation of the contract
 * is the user's, and a write may change it. The chart's ValidatingAdmissionPolicy names the same ones.
 */
export const WRITTEN = [
  'expiresAt',
  'expiresAtEach',
  'updatedAt',
  'configHash',
  'markedForUpdateAt',
] as const satisfies readonly (keyof typeof ANNOTATIONS)[];

/** Our annotations of a Secret, by the names that the code has for them. `null` takes one away. */
export type OurAnnotations = Readonly<Partial<Record<(typeof WRITTEN)[number], string | null>>>;

/** Far longer than a mark that a person writes. A longer one is not put back, so that answers stay small. */
const MAX_LENGTH = 4 * 1024;

/** The annotations of the stored Secret, the mark included. */
export function storedAnnotations(
  secret: Secret | null | undefined,
  { hasOneCredential }: { readonly hasOneCredential: boolean },
): OurAnnotations {
  const stored: Record<string, string | null> = {};
  for (const name of WRITTEN) {
    const value = annotation(secret?.metadata, name);
    if (value !== undefined && value.length <= MAX_LENGTH) stored[name] = value;
  }
  // A Secret with one credential has none: it comes from a file of the user, or from a time with several credentials.
  if (hasOneCredential) stored['expiresAtEach'] = null;
  return stored;
}

/** When the credentials of a Secret end, and the settings under which they were made. */
export interface FilledWith {
  /** AWS's time, in milliseconds since 1970. */
  readonly now: number;
  /** By the name of the grant. */
  readonly ends: Ends;
  readonly configHash: string;
}

/** The annotations that go with new credentials. `updated_at` always differs from that of the stored Secret. */
export function newAnnotations(
  { now, ends, configHash }: FilledWith,
  oldSecret: Secret | null | undefined,
): OurAnnotations {
  const before = readTime(annotation(oldSecret?.metadata, 'updatedAt') ?? '');
  // Several writes in one millisecond each get a time that is a millisecond later than the one before.
  const isJustBefore = before !== undefined && before >= now && before - now < 1_000;
  // Where a credential is missing, the Secret is due at once, and at every run of the refresher.
  const expiresAt = Math.min(...[...ends.values()].map((end) => (end === MISSING ? now : end)));
  return {
    expiresAt: new Date(expiresAt).toISOString(),
    expiresAtEach: ends.size > 1 ? writeEnds(ends) : null,
    updatedAt: new Date(isJustBefore ? before + 1 : now).toISOString(),
    configHash,
  };
}
