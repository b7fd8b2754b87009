import { ApiError, invalid } from './api-error.ts';
import { forbidden, notSupported } from './objects/field-error.ts';
import type { PatchKind } from './storage/patched.ts';
import type { WriteOptions } from './storage/writes.ts';

const FIELD_VALIDATION = ['', 'Ignore', 'Strict', 'Warn'];

/**
 * The query parameters of a write.
 *
 * @param kind such as `CreateOptions`
 * @throws ApiError 422
 */
export function writeOptions(query: URLSearchParams, kind: string): WriteOptions {
  const dryRun = query.getAll('dryRun');
  const fieldValidation = query.get('fieldValidation') ?? '';
  const fieldManager = query.get('fieldManager');
  const errors = [
    ...(dryRun.every((one) => one === 'All') ? [] : [notSupported('dryRun', dryRun, ['All'])]),
    ...(kind === 'PatchOptions' && query.has('force')
      ? [forbidden('force', 'may not be specified for non-apply patch')]
      : []),
    ...(FIELD_VALIDATION.includes(fieldValidation)
      ? []
      : [notSupported('fieldValidation', fieldValidation, FIELD_VALIDATION)]),
  ];
  if (errors.length > 0) throw invalid({ kind, group: 'meta.k8s.io' }, '', errors);
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: fieldValidation || 'Warn',
    ...(fieldManager !== null && { fieldManager }),
  };
}

/** @throws ApiError 415 */
export function patchKind(contentType: string): PatchKind {
  switch (contentType) {
    case 'application/json-patch+json':
      return 'json';
    case 'application/merge-patch+json':
      return 'merge';
    case 'application/strategic-merge-patch+json':
      return 'strategic-merge';
    default:
      throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
}

/** @throws ApiError 415 where a body is neither JSON nor unnamed */
export function requireJson(contentType: string): void {
  if (contentType === '' || contentType === 'application/json') return;
  throw new ApiError(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
}
