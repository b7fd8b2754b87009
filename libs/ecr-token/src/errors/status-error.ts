/** A failure of which only the HTTP status is known. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  /** The form in which the SDK's errors have it. */
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(status: number) {
    super();
    this.$metadata = { httpStatusCode: status };
  }
}
