import * as z from 'zod';
import type { ObjectMeta } from './object.ts';

// The API server drops unknown fields and handles null and empty values as absent.

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The names of Secrets and ConfigMaps. */
export const DNS_SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const text = z
  .string()
  .nullish()
  .transform((value) => value || undefined);

export const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? undefined);

const count = z
  .number()
  .nullish()
  .transform((value) => value || undefined);

export const anything = z.unknown().transform((value) => value ?? undefined);

function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item)
    .nullish()
    .transform((values) => (values?.length ? values : undefined));
}

/** A map from string to string, sorted by key. */
export const strings = mapOf(z.string());

/** A map from string to Base64, sorted by key. Line ends inside the Base64 are removed. */
export const bytes = mapOf(
  z
    .string()
    .transform((value) => value.replaceAll(/[\r\n]/g, ''))
    .refine((value) => BASE64.test(value), 'illegal base64 data'),
);

function mapOf(value: z.ZodType<string, string>) {
  return z
    .record(
      z.string(),
      z.preprocess((given) => given ?? '', value),
    )
    .nullish()
    .transform((map) => (map && Object.keys(map).length > 0 ? sorted(map) : undefined));
}

/** An object of the API, with its fields in the order that is given here. */
export function struct<Fields extends z.ZodRawShape>(fields: Fields) {
  return z.object(fields).transform(present);
}

export const METADATA = z.preprocess(
  (metadata) => metadata ?? {},
  struct({
    name: text,
    generateName: text,
    namespace: text,
    uid: text,
    resourceVersion: text,
    generation: count,
    creationTimestamp: text,
    deletionTimestamp: text,
    deletionGracePeriodSeconds: z.number().optional(),
    labels: strings,
    annotations: strings,
    ownerReferences: listOf(z.unknown()),
    finalizers: listOf(z.string()),
  }),
);

/** The same metadata with its fields in the order of the schema. */
export function inOrder(metadata: ObjectMeta): ObjectMeta {
  return METADATA.parse(metadata);
}

export function sorted<T>(map: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Without the fields that are undefined. */
function present<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;
}
