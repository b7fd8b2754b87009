import type { ObjectMeta } from '@ecr-anywhere/secret-scan';

/** A Secret as the API server sends it. Anyone may have written it, so any field may be absent. */
export interface Secret {
  readonly metadata?: SecretMeta | null;
  readonly type?: string;
  readonly immutable?: boolean;
  readonly data?: SecretData | null;
}

export interface SecretMeta extends ObjectMeta {
  readonly generateName?: string | null;
}

/** Values of a Secret's data by key, in Base64. */
export type SecretData = Readonly<Record<string, string>>;

/** A value of the Secret's data, in Base64; undefined if there is none, or if it is not a string. */
export function dataOf(secret: Secret | null | undefined, key: string): string | undefined {
  const data: unknown = secret?.data;
  if (typeof data !== 'object' || data === null || !Object.hasOwn(data, key)) return undefined;
  const value = (data as Readonly<Record<string, unknown>>)[key];
  return typeof value === 'string' ? value : undefined;
}

/** A value of the Secret's data as text; undefined if there is none. */
export function textOf(secret: Secret, key: string): string | undefined {
  const value = dataOf(secret, key);
  return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
}

/** The value of a label; undefined if there is none. */
export function labelOf({ metadata }: Secret, label: string): string | undefined {
  const labels: unknown = metadata?.labels;
  if (typeof labels !== 'object' || labels === null || !Object.hasOwn(labels, label)) return undefined;
  return String((labels as Readonly<Record<string, unknown>>)[label]);
}

/** How long a text is as a value of a Secret. */
export function lengthInBase64(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3) * 4;
}

/** The sum of the lengths of all values. */
export function lengthOf(data: SecretData | null | undefined): number {
  return Object.values(data ?? {}).reduce((sum, value) => sum + value.length, 0);
}
