import type {
  AdmissionRequest,
  AdmissionReview,
  AdmissionReviewResponse,
  AdmissionStatus,
} from './admission-review.ts';
import { encodePatch, type EncodedOperation } from './encode-patch.ts';
import type { JsonPatchOperation } from './json-patch.ts';

/** What an answer needs of its review. A caller that waits before it answers can let go of the rest. */
export interface AnswerableReview extends Pick<AdmissionReview, 'apiVersion'> {
  readonly request: Pick<AdmissionRequest, 'uid'>;
}

/** What an answer that allows a request may contain. */
export interface AllowOptions {
  /** Changes to the object; an empty patch is left out of the answer. `encodeOperation` makes encoded operations. */
  readonly patch?: readonly (JsonPatchOperation | EncodedOperation)[] | undefined;
  readonly warnings?: readonly string[] | undefined;
}

/** What an answer that refuses a request contains. */
export interface DenyOptions extends AdmissionStatus {
  readonly warnings?: readonly string[] | undefined;
}

/** Allows the request, with the changes of the patch if there is one. */
export function allow(
  review: AnswerableReview,
  { patch = [], warnings = [] }: AllowOptions = {},
): AdmissionReviewResponse {
  return answer(review, {
    allowed: true,
    ...(patch.length > 0 && {
      patchType: 'JSONPatch',
      patch: encodePatch(patch),
    }),
    ...(warnings.length > 0 && { warnings }),
  });
}

/**
 * Refuses the request. `code` and `reason` reach the client as those of its error. The API server puts
 * `admission webhook "NAME" denied the request: ` before `message`.
 */
export function deny(
  review: AnswerableReview,
  { code, reason, message, warnings = [] }: DenyOptions,
): AdmissionReviewResponse {
  return answer(review, {
    allowed: false,
    status: { code, reason, message },
    ...(warnings.length > 0 && { warnings }),
  });
}

function answer(
  { apiVersion, request }: AnswerableReview,
  response: Omit<AdmissionReviewResponse['response'], 'uid'>,
): AdmissionReviewResponse {
  return { apiVersion, kind: 'AdmissionReview', response: { uid: request.uid, ...response } };
}
