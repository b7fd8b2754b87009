import type { AdmissionRequest, AdmissionReview } from '@ecr-anywhere/admission';
import { annotation, ANNOTATIONS, SECRET_KEY } from '@ecr-anywhere/secret-scan';
import { dataOf, type Secret } from '../consumers/secret.ts';

/** Kubernetes has no longer names. */
export const MAX_NAME_LENGTH = 253;

/** An annotation of ours is shorter, and so is a credential for a registry or two. A longer one is left out, and so written again. */
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
 */
export function outlineOf({ apiVersion, request }: AdmissionReview): ReviewOutline {
  const { uid, operation, namespace, name, object, oldObject } = request;
  return {
    apiVersion,
    request: {
      uid,
      operation,
      namespace: upTo(MAX_NAME_LENGTH, namespace),
      name: upTo(MAX_NAME_LENGTH, name),
      object: outlineOfSecret(object as Secret | null | undefined),
      oldObject: outlineOfSecret(withoutData(oldObject as Secret | null | undefined)),
    },
  };
}

/** The length of the credential in an outline, which is the only long text in it. */
export function credentialLength({ request }: ReviewOutline): number {
  return dataOf(request.object, SECRET_KEY)?.length ?? 0;
}

/** After the decision, only the annotations of the stored Secret are read. */
function withoutData(secret: Secret | null | undefined): Secret | undefined {
  return secret ? { metadata: secret.metadata } : undefined;
}

/** Anyone may have written the Secret, so a field may be of another type than ours says. */
function outlineOfSecret(secret: Secret | null | undefined): Secret | undefined {
  if (!secret) return undefined;
  const { metadata, data } = secret;
  const annotations = Object.keys(ANNOTATIONS).map((key) => {
    const name = key as keyof typeof ANNOTATIONS;
    return [ANNOTATIONS[name], upTo(MAX_ANNOTATION_LENGTH, annotation(metadata, name))];
  });
  return {
    metadata: {
      generateName: upTo(MAX_NAME_LENGTH, metadata?.generateName),
      annotations: metadata?.annotations ? (Object.fromEntries(annotations) as Record<string, string>) : null,
    },
    data: data ? { [SECRET_KEY]: upTo(MAX_CREDENTIAL_LENGTH, dataOf(secret, SECRET_KEY)) ?? '' } : null,
  };
}

/** A longer text is left out, not cut: V8 would keep the whole text for the sake of its beginning. */
function upTo(length: number, text: unknown): string | undefined {
  return typeof text === 'string' && text.length <= length ? text : undefined;
}
