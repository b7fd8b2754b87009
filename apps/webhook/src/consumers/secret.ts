import type { ObjectMeta } from '@ecr-anywhere/secret-scan';

/** A Secret as an API server sends it; whatever a user may leave out may be absent. */
export interface Secret {
  readonly metadata?: SecretMeta | null;
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: Readonly<Record<string, string>> | null;
}

export interface SecretMeta extends ObjectMeta {
  readonly generateName?: string | null;
}

/** A value of the Secret's data, still in Base64. */
export function dataOf(secret: Secret | null | undefined, key: string): string | undefined {
  const data: unknown = secret?.data;
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) return undefined;
  const value = (data as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' ? value : undefined;
}
