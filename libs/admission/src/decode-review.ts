import { AdmissionDecodeError } from './admission-decode-error.ts';
import type { AdmissionReview } from './admission-review.ts';

type Fields = Readonly<Record<string, unknown>>;

const VERSIONS: ReadonlySet<unknown> = new Set(['admission.k8s.io/v1', 'admission.k8s.io/v1beta1']);
const OPERATIONS: ReadonlySet<unknown> = new Set(['CREATE', 'UPDATE', 'DELETE', 'CONNECT']);

/**
 * Checks that a parsed JSON body is an AdmissionReview with a request, and returns the same object. It checks that `object`
 * and `oldObject` are objects, null or absent, and does not look into them: anyone may have written them.
 *
 * @param isObject - checks `object` and `oldObject` where they are present. Without it nothing checks that they are a `T`,
 * so that each field of `T` is best optional.
 * @throws {@link AdmissionDecodeError} which says what was expected where; no other error, unless `isObject` throws one.
 */
export function decodeReview<T = unknown>(
  body: unknown,
  isObject?: (value: unknown) => value is T,
): AdmissionReview<T> {
  const review = fields(body, '');
  if (own(review, 'kind') !== 'AdmissionReview') {
    throw new AdmissionDecodeError('not-a-review', 'kind', 'kind: expected "AdmissionReview"');
  }
  if (!VERSIONS.has(own(review, 'apiVersion'))) {
    throw new AdmissionDecodeError(
      'unsupported-version',
      'apiVersion',
      'apiVersion: expected "admission.k8s.io/v1" or "admission.k8s.io/v1beta1"',
    );
  }
  const request = fields(own(review, 'request'), 'request');
  nonEmptyString(request, 'request', 'uid');
  typeName(request, 'kind', 'kind');
  typeName(request, 'resource', 'resource');
  if (!OPERATIONS.has(own(request, 'operation'))) {
    throw wrong(request, 'operation', 'request.operation', 'CREATE, UPDATE, DELETE or CONNECT');
  }
  if (own(request, 'requestKind') !== undefined) typeName(request, 'requestKind', 'kind');
  if (own(request, 'requestResource') !== undefined) typeName(request, 'requestResource', 'resource');
  for (const name of ['name', 'namespace', 'subResource', 'requestSubResource'])
    optional(request, 'request', name, 'string');
  optional(request, 'request', 'dryRun', 'boolean');
  if (own(request, 'userInfo') !== undefined) userInfo(fields(own(request, 'userInfo'), 'request.userInfo'));
  for (const name of ['object', 'oldObject']) {
    const value = own(request, name);
    if (value === undefined || value === null) continue;
    fields(value, `request.${name}`);
    if (isObject?.(value) === false)
      throw wrong(request, name, `request.${name}`, 'an object of another type');
  }
  // All fields of the type were checked above, except those of `T`.
  return body as AdmissionReview<T>;
}

function typeName(request: Fields, name: string, last: string): void {
  const path = `request.${name}`;
  const value = fields(own(request, name), path);
  for (const field of ['group', 'version', last]) {
    if (typeof own(value, field) !== 'string') throw wrong(value, field, `${path}.${field}`, 'a string');
  }
}

function nonEmptyString(parent: Fields, path: string, name: string): void {
  const value = own(parent, name);
  if (typeof value !== 'string' || value === '')
    throw wrong(parent, name, `${path}.${name}`, 'a non-empty string');
}

function userInfo(user: Fields): void {
  const path = 'request.userInfo';
  for (const name of ['username', 'uid']) optional(user, path, name, 'string');
  const groups = own(user, 'groups');
  if (groups !== undefined && !isStrings(groups))
    throw wrong(user, 'groups', `${path}.groups`, 'an array of strings');
  const extra = own(user, 'extra');
  if (extra !== undefined && !Object.values(fields(extra, `${path}.extra`)).every(isStrings))
    throw wrong(user, 'extra', `${path}.extra`, 'an object of arrays of strings');
}

function optional(parent: Fields, path: string, name: string, type: 'string' | 'boolean'): void {
  const value = own(parent, name);
  if (value !== undefined && typeof value !== type) throw wrong(parent, name, `${path}.${name}`, `a ${type}`);
}

function isStrings(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === 'string');
}

function fields(value: unknown, path: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  if (path === '') throw new AdmissionDecodeError('not-an-object', '', 'The body: expected a JSON object');
  const code = value === undefined ? 'missing-field' : 'wrong-type';
  throw new AdmissionDecodeError(code, path, `${path}: expected an object`);
}

function wrong(parent: Fields, name: string, path: string, expected: string): AdmissionDecodeError {
  const code = own(parent, name) === undefined ? 'missing-field' : 'wrong-type';
  return new AdmissionDecodeError(code, path, `${path}: expected ${expected}`);
}

/** A field of the object itself, not of its prototype. */
function own(parent: Fields, name: string): unknown {
  return Object.hasOwn(parent, name) ? parent[name] : undefined;
}
