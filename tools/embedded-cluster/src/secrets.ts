import { isDeepStrictEqual } from 'node:util';
import { badRequest, invalid } from './api-error.ts';
import type { Secret } from './objects.ts';

// What the API server does to Secrets beside storing them.

const DOCKER_CONFIG = 'kubernetes.io/dockerconfigjson';
const DOCKER_KEY = '.dockerconfigjson';
const LARGEST = 1024 * 1024;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What comes before admission: `stringData` goes into `data`, the type has a default, Base64 is checked. */
export function prepareSecret(secret: Secret): Secret {
  const { stringData, ...rest } = secret;
  for (const [key, value] of Object.entries(secret.data ?? {})) {
    if (typeof value !== 'string' || !BASE64.test(value)) {
      throw badRequest(
        `Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte ${illegalByte(value)} (${key})`,
      );
    }
  }
  const strings = Object.entries(stringData ?? {}).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ]);
  const data = { ...rest.data, ...(Object.fromEntries(strings) as Record<string, string>) };
  const prepared: Secret = { ...rest, type: rest.type || 'Opaque' };
  if (Object.keys(data).length > 0) prepared.data = data;
  else delete prepared.data;
  return prepared;
}

/** What comes after admission. */
export function validateSecret(secret: Secret, old: Secret | undefined): void {
  const name = secret.metadata?.name ?? '';
  if (!/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name) || name.length > 253) {
    throw invalid(
      'Secret',
      name,
      `metadata.name: Invalid value: "${name}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'`,
    );
  }
  if (old !== undefined && old.type !== secret.type) {
    throw invalid('Secret', name, `type: Invalid value: "${secret.type}": field is immutable`);
  }
  if (old?.immutable === true) {
    if (secret.immutable !== true)
      throw invalid('Secret', name, 'immutable: Forbidden: field is immutable when `immutable` is set');
    if (!isDeepStrictEqual(old.data, secret.data))
      throw invalid('Secret', name, 'data: Forbidden: field is immutable when `immutable` is set');
  }
  const size = Object.values(secret.data ?? {}).reduce(
    (sum, value) => sum + Buffer.byteLength(value, 'base64'),
    0,
  );
  if (size > LARGEST) throw invalid('Secret', name, `data: Too long: may not be more than ${LARGEST} bytes`);
  if (secret.type === DOCKER_CONFIG) validateDockerConfig(name, secret.data?.[DOCKER_KEY]);
}

function validateDockerConfig(name: string, value: string | undefined): void {
  if (value === undefined) throw invalid('Secret', name, `data[${DOCKER_KEY}]: Required value`);
  try {
    const parsed: unknown = JSON.parse(Buffer.from(value, 'base64').toString());
    if (typeof parsed === 'object') return;
  } catch {
    // told below: V8's own words would quote the content
  }
  throw invalid(
    'Secret',
    name,
    `data[${DOCKER_KEY}]: Invalid value: "<secret contents redacted>": it is not a JSON object`,
  );
}

function illegalByte(value: unknown): number {
  return typeof value === 'string' ? Math.max(0, value.search(/[^A-Za-z0-9+/=]/)) : 0;
}
