import type { AdmissionRequest } from '@ecr-anywhere/admission';
import type { Secret } from '../consumers/secret.ts';

/** Rules of an installation about who may write which Secrets. */
export interface WriteRules {
  /** The names that managed Secrets may have; any name if this is empty. */
  readonly secretNames: readonly string[];
  /** The user name of the refresher's service account. It may change nothing but the mark. Undefined: no guard. */
  readonly refresher: string | undefined;
}

export const NO_RULES: WriteRules = { secretNames: [], refresher: undefined };

/** Whether a Secret may have its name. The API server makes a name from `generateName` only after it has called webhooks. */
export function isAllowedName(
  { name, object }: AdmissionRequest<Secret>,
  { secretNames }: Pick<WriteRules, 'secretNames'>,
): boolean {
  return secretNames.length === 0 || secretNames.includes(object?.metadata?.name || name || '');
}
