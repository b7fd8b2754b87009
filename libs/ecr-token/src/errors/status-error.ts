/** A failure that is known by its HTTP status alone: an answer of a service that no client of the SDK has read. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  /** The SDK's form of it. */
  readonly $metadata: { readonly httpStatusCode: number };

  constructor(status: number) {
    super();
    this.$metadata = { httpStatusCode: status };
  }
}
