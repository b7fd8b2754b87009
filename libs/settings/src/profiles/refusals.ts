import { WEBHOOK_NAME } from '@ecr-anywhere/secret-scan';

// How the webhook's refusals begin that follow from the profiles. The webhook writes them, and the refresher looks for them:
// the two may read a changed file of profiles minutes apart.

/** The beginnings of refusals that follow from the annotation of a Secret, its namespace, and the profiles. */
export const PROFILE_REFUSALS = {
  notAllowed: 'This namespace may not use the profile',
  noDefault: 'The Secret names no profile of ECR Anywhere',
  tooMany: 'The profiles of this Secret have',
} as const;

/**
 * The beginnings of refusals that follow also from what the refresher does not see: the data of a Secret, and the registries of
 * tokens.
 */
export const HOST_REFUSALS = {
  sharedHost: 'The profiles',
  notServed: 'ECR Anywhere gives no password for the host',
  noHost: 'A Secret with one password has to name its registry',
  severalRegions: 'The hosts in',
} as const;

/**
 * What a refusal of the webhook follows from.
 *
 * @param message - the API server's
 * @returns undefined if other profiles could not change it
 */
export function causeOfRefusal(message: string): 'profiles' | 'hosts' | undefined {
  const begins = (beginnings: Readonly<Record<string, string>>) =>
    Object.values(beginnings).some((beginning) =>
      message.startsWith(`admission webhook "${WEBHOOK_NAME}" denied the request: ${beginning}`),
    );
  if (begins(PROFILE_REFUSALS)) return 'profiles';
  return begins(HOST_REFUSALS) ? 'hosts' : undefined;
}
