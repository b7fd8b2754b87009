import type { Secret } from './object.ts';
import type { Resource } from './resource.ts';
import { bytes, DNS_SUBDOMAIN, flag, METADATA, sorted, strings, struct, text } from './schema.ts';

const LARGEST_DATA = 1024 * 1024;
const REQUIRED = 'Required value';
/** The keys that a Secret of each type must have. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

/** Secrets, with the rules for their types. */
export const SECRETS: Resource = {
  kind: 'Secret',
  plural: 'secrets',
  group: '',
  apiVersion: 'v1',
  namespaced: true,
  schema: struct({
    metadata: METADATA,
    immutable: flag,
    data: bytes,
    stringData: strings,
    type: text,
  }).transform(({ metadata, immutable, data, stringData, type = 'Opaque' }) => {
    const all = stringData ? sorted({ ...data, ...encoded(stringData) }) : data;
    return { metadata, ...(immutable !== undefined && { immutable }), ...(all && { data: all }), type };
  }),
  namePattern: DNS_SUBDOMAIN,
  problems: (secret: Secret, old?: Secret) => [
    ...changeProblems(secret, old),
    ...sizeProblems(secret),
    ...typeProblems(secret),
  ],
  fields: ({ metadata, type }: Secret) => ({
    'metadata.name': metadata.name ?? '',
    'metadata.namespace': metadata.namespace ?? '',
    type: type ?? '',
  }),
};

function encoded(strings: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(strings);
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
}

function changeProblems(secret: Secret, old: Secret | undefined): string[] {
  if (old === undefined) return [];
  const frozen = 'Forbidden: field is immutable when `immutable` is set';
  const isFrozen = old.immutable === true;
  return [
    ...(secret.type === old.type ? [] : ['type: Invalid value: field is immutable']),
    ...(isFrozen && secret.immutable !== true ? [`immutable: ${frozen}`] : []),
    ...(isFrozen && JSON.stringify(secret.data) !== JSON.stringify(old.data) ? [`data: ${frozen}`] : []),
  ];
}

function sizeProblems({ data = {} }: Secret): string[] {
  const size = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0);
  return size > LARGEST_DATA ? [`data: Too long: may not be more than ${LARGEST_DATA} bytes`] : [];
}

function typeProblems({ type = '', data = {}, metadata }: Secret): string[] {
  const missing = (REQUIRED_KEYS[type] ?? []).filter((key) => data[key] === undefined);
  if (missing.length > 0) return missing.map((key) => `data[${key}]: ${REQUIRED}`);
  switch (type) {
    case 'kubernetes.io/dockerconfigjson':
      return dockerConfigProblems('.dockerconfigjson', data);
    case 'kubernetes.io/dockercfg':
      return dockerConfigProblems('.dockercfg', data);
    case 'kubernetes.io/basic-auth':
      return data['username'] === undefined && data['password'] === undefined
        ? [`data[username]: ${REQUIRED}`, `data[password]: ${REQUIRED}`]
        : [];
    case 'kubernetes.io/service-account-token': {
      const key = 'kubernetes.io/service-account.name';
      return metadata.annotations?.[key] ? [] : [`metadata.annotations[${key}]: ${REQUIRED}`];
    }
    default:
      return [];
  }
}

/** The value must be a JSON object. (As in Go, null is one.) The message does not quote the value. */
function dockerConfigProblems(key: string, data: NonNullable<Secret['data']>): string[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(data[key] ?? '', 'base64').toString());
    if (typeof value === 'object' && !Array.isArray(value)) return [];
  } catch {
    // It is not JSON.
  }
  return [`data[${key}]: Invalid value: "<secret contents redacted>": not a JSON object`];
}
