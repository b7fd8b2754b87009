/**
 * What is wrong with a body that should be an AdmissionReview.
 *
 * | code | meaning |
 * | --- | --- |
 * | `not-an-object` | the body is not a JSON object |
 * | `not-a-review` | it is an object of another kind |
 * | `unsupported-version` | it is a review of an unknown API version |
 * | `missing-field` | a field that every review has is absent |
 * | `wrong-type` | a field holds a value of the wrong type |
 */
export type AdmissionDecodeErrorCode =
  'not-an-object' | 'not-a-review' | 'unsupported-version' | 'missing-field' | 'wrong-type';

/** A body is not an AdmissionReview. The message never quotes the body: it may hold a Secret. */
export class AdmissionDecodeError extends Error {
  override readonly name = 'AdmissionDecodeError';

  constructor(
    readonly code: AdmissionDecodeErrorCode,
    /** The place in the body, such as `request.uid`; empty for the body itself. */
    readonly path: string,
    message: string,
  ) {
    super(message);
  }
}
