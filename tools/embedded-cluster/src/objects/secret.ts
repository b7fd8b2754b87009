import { GoJsonError, goKind, parseGoJson } from '../go/json.ts';
import {
  forbidden,
  immutableField,
  invalidValue,
  required,
  tooLong,
  type FieldError,
} from './field-error.ts';
import { METADATA } from './metadata.ts';
import { dataKeyProblems, subdomainProblems } from './names.ts';
import type { Secret } from './object.ts';
import type { Resource } from './resource.ts';
import { bytes, flag, map, struct, text } from './schema.ts';

const LARGEST = 1024 * 1024;
const FROZEN = 'field is immutable when `immutable` is set';

/** Secrets, with the rules of pkg/apis/core/validation for their types. */
export const SECRETS: Resource = {
  kind: 'Secret',
  plural: 'secrets',
  group: '',
  apiVersion: 'v1',
  namespaced: true,
  shape: struct('v1.Secret', {
    metadata: METADATA,
    immutable: flag(),
    data: map(bytes(), 'map[string][]uint8'),
    stringData: map(text(), 'map[string]string'),
    type: text('v1.SecretType'),
  }),
  nameProblems: subdomainProblems,
  complete: ({ metadata, ...secret }) => complete({ metadata, ...secret } as SecretWithStrings),
  errors: (secret: Secret) => [...dataErrors(secret), ...typeErrors(secret)],
  updateErrors: (secret: Secret, old: Secret) => [
    ...immutableField('type', old.type, secret.type),
    ...(old.immutable === true ? frozenErrors(secret, old) : []),
  ],
  fields: (secret: Secret) => ({
    'metadata.name': secret.metadata.name ?? '',
    'metadata.namespace': secret.metadata.namespace ?? '',
    type: secret.type ?? '',
  }),
};

interface SecretWithStrings extends Secret {
  readonly stringData?: Readonly<Record<string, string>>;
}

/** `stringData` goes into `data`, and the type has a default. */
function complete({ metadata, immutable, data, stringData, type }: SecretWithStrings): Secret {
  const strings = Object.entries(stringData ?? {}).map(([key, value]): [string, string] => [
    key,
    Buffer.from(value).toString('base64'),
  ]);
  const all = Object.entries({ ...data, ...Object.fromEntries(strings) }).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return {
    metadata,
    ...(immutable !== undefined && { immutable }),
    ...(all.length > 0 && { data: Object.fromEntries(all) }),
    type: type ?? 'Opaque',
  };
}

function dataErrors({ data = {} }: Secret): FieldError[] {
  const size = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0);
  return [
    ...Object.keys(data).flatMap((key) =>
      dataKeyProblems(key).map((problem) => invalidValue(`data[${key}]`, key, problem)),
    ),
    ...(size > LARGEST ? [tooLong('data', LARGEST)] : []),
  ];
}

function frozenErrors(secret: Secret, old: Secret): FieldError[] {
  return [
    ...(secret.immutable === true ? [] : [forbidden('immutable', FROZEN)]),
    ...(JSON.stringify(secret.data) === JSON.stringify(old.data) ? [] : [forbidden('data', FROZEN)]),
  ];
}

function typeErrors({ type, data = {}, metadata }: Secret): FieldError[] {
  const missing = (...keys: string[]) =>
    keys.filter((key) => data[key] === undefined).map((key) => required(`data[${key}]`));
  switch (type) {
    case 'kubernetes.io/dockerconfigjson':
      return dockerConfigErrors('.dockerconfigjson', data);
    case 'kubernetes.io/dockercfg':
      return dockerConfigErrors('.dockercfg', data);
    case 'kubernetes.io/tls':
      return missing('tls.crt', 'tls.key');
    case 'kubernetes.io/ssh-auth':
      return data['ssh-privatekey'] ? [] : [required('data[ssh-privatekey]')];
    case 'kubernetes.io/basic-auth':
      // One of the two is enough.
      return data['username'] === undefined && data['password'] === undefined
        ? missing('username', 'password')
        : [];
    case 'kubernetes.io/service-account-token': {
      const key = 'kubernetes.io/service-account.name';
      return metadata.annotations?.[key] ? [] : [required(`metadata.annotations[${key}]`)];
    }
    default:
      return [];
  }
}

/** It has to be there, and to be a JSON object (or `null`, which Go reads into a map as well). */
function dockerConfigErrors(key: string, data: NonNullable<Secret['data']>): FieldError[] {
  const value = data[key];
  if (value === undefined) return [required(`data[${key}]`)];
  const refuse = (why: string) => [invalidValue(`data[${key}]`, '<secret contents redacted>', why)];
  try {
    const kind = goKind(parseGoJson(Buffer.from(value, 'base64')));
    if (kind === 'object' || kind === 'null') return [];
    return refuse(`json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`);
  } catch (error) {
    if (error instanceof GoJsonError) return refuse(error.message);
    throw error;
  }
}
