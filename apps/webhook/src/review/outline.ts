import type { AdmissionRequest, AdmissionReview } from '@ecr-anywhere/admission';
import { annotation, ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { dataOf, lengthInBase64, type Secret } from '../consumers/secret.ts';

/** Kubernetes has no longer names. */
export const MAX_NAME_LENGTH = 253;

/** Ours are shorter: an annotation, and a credential for a registry or two. A longer value becomes empty, and so is written again. */
const MAX_ANNOTATION_LENGTH = 100;
const MAX_CREDENTIAL_LENGTH = 16 * 1024;

/** What the answer and its line of log need of a review. */
export interface ReviewOutline {
  readonly apiVersion: AdmissionReview['apiVersion'];
  readonly request: Pick<
    AdmissionRequest<Secret>,
    'uid' | 'operation' | 'namespace' | 'name' | 'object' | 'oldObject'
  >;
}

/**
 * Copies what is needed of a review after the decision. Reviews can be large, and many of them wait while AWS is slow: an
 * outline is small whatever was sent, and shares no memory with the review.
 *
 * @param keys - of the Secret's data, where it is to be filled
 * @param rest - what stays in the data beside the credentials
 */
export function outlineOf(
  { apiVersion, request }: AdmissionReview,
  keys: readonly string[] = [],
  rest?: string,
): ReviewOutline {
  const { uid, operation, namespace, name, object, oldObject } = request;
  return {
    apiVersion,
    request: {
      uid,
      operation,
      namespace: upTo(MAX_NAME_LENGTH, namespace),
      name: upTo(MAX_NAME_LENGTH, name),
      object: outlineOfSecret(object as Secret | null | undefined, keys, rest),
      oldObject: outlineOfSecret(oldObject as Secret | null | undefined, []),
    },
  };
}

/** Anyone may have written the Secret, so a field may be of another type than ours says. */
function outlineOfSecret(
  secret: Secret | null | undefined,
  keys: readonly string[],
  rest = '',
): Secret | undefined {
  if (!secret) return undefined;
  const { metadata, data } = secret;
  const annotations = Object.keys(ANNOTATIONS).flatMap((key) => {
    const name = key as keyof typeof ANNOTATIONS;
    const value = annotation(metadata, name);
    return value === undefined ? [] : [[ANNOTATIONS[name], upTo(MAX_ANNOTATION_LENGTH, value) ?? '']];
  });
  const longest = MAX_CREDENTIAL_LENGTH + lengthInBase64(rest);
  const values = keys.map((key) => [key, upTo(longest, dataOf(secret, key)) ?? ''] as const);
  return {
    metadata: {
      generateName: upTo(MAX_NAME_LENGTH, metadata?.generateName),
      annotations: metadata?.annotations ? (Object.fromEntries(annotations) as Record<string, string>) : null,
    },
    data: data ? Object.fromEntries(values) : null,
  };
}

/** A longer text is left out, not cut: V8 would keep the whole text for the sake of its beginning. */
function upTo(length: number, text: unknown): string | undefined {
  return typeof text === 'string' && text.length <= length ? text : undefined;
}
