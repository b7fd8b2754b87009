import type { AdmissionReview } from '@ecr-anywhere/admission';
import { annotation, ANNOTATIONS, SECRET_KEY } from '@ecr-anywhere/secret-scan';
import { dataOf, type Secret } from './secret.ts';

/** No name in Kubernetes is longer. */
export const LONGEST_NAME = 253;

/** Neither an annotation of ours nor a credential for a registry or two is. What is longer is only written again. */
const LONGEST_ANNOTATION = 100;
const LONGEST_CREDENTIAL = 16 * 1024;

/**
 * What an answer and its line of log need of a review once there is a decision. Reviews can be large, and many wait at once
 * while AWS is slow: this is small whatever was sent, and shares nothing with it.
 */
export function outline({ apiVersion, request }: AdmissionReview): AdmissionReview<Secret> {
  const { uid, operation, namespace, name, object, oldObject } = request;
  return {
    apiVersion,
    kind: 'AdmissionReview',
    request: {
      uid,
      kind: { group: '', version: 'v1', kind: 'Secret' },
      resource: { group: '', version: 'v1', resource: 'secrets' },
      operation,
      namespace: upTo(LONGEST_NAME, namespace),
      name: upTo(LONGEST_NAME, name),
      object: outlineOf(object as Secret | null | undefined),
      oldObject: outlineOf(withoutData(oldObject as Secret | null | undefined)),
    },
  };
}

/** Bytes of the texts in an outline that may be long. */
export function longTextOf({ request }: AdmissionReview<Secret>): number {
  return dataOf(request.object, SECRET_KEY)?.length ?? 0;
}

/** Of the stored Secret only annotations are looked at once more. */
function withoutData(secret: Secret | null | undefined): Secret | undefined {
  return secret ? { metadata: secret.metadata } : undefined;
}

/** Of what somebody sent, so that nothing need be what its type says. */
function outlineOf(secret: Secret | null | undefined): Secret | undefined {
  if (!secret) return undefined;
  const { metadata, data } = secret;
  const annotations = Object.keys(ANNOTATIONS).map((key) => {
    const name = key as keyof typeof ANNOTATIONS;
    return [ANNOTATIONS[name], upTo(LONGEST_ANNOTATION, annotation(metadata, name))];
  });
  return {
    metadata: {
      generateName: upTo(LONGEST_NAME, metadata?.generateName),
      annotations: metadata?.annotations ? (Object.fromEntries(annotations) as Record<string, string>) : null,
    },
    data: data ? { [SECRET_KEY]: upTo(LONGEST_CREDENTIAL, dataOf(secret, SECRET_KEY)) ?? '' } : null,
  };
}

/** Not the beginning of a longer text: V8 would keep the rest with it. */
function upTo(length: number, text: unknown): string | undefined {
  return typeof text === 'string' && text.length <= length ? text : undefined;
}
