/**
 * Why a request failed.
 *
 * - `secret-at-fault`: the write was refused because of the Secret itself: our webhook can never fill it, or it is too large
 * - `webhook-refused`: our webhook refused for another reason, or another webhook refused
 * - `webhook-failed`: the API server could not call a webhook
 * - `not-found`: the object or its namespace does not exist
 * - `invalid`: the API server's own validation refused
 * - `forbidden`, `unauthorized`: rights or credentials are missing
 * - `too-large`: the answer is larger than this program accepts
 * - `cut-off`: the program had to end before the answer; the message names the request
 * - `unavailable`: the API server or the connection to it does not work, after retries
 */
export type KubernetesFailure =
  | 'secret-at-fault'
  | 'webhook-refused'
  | 'webhook-failed'
  | 'not-found'
  | 'invalid'
  | 'forbidden'
  | 'unauthorized'
  | 'too-large'
  | 'cut-off'
  | 'unavailable';

/** A request failed. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';

  constructor(
    readonly failure: KubernetesFailure,
    message: string,
    /** Whether no answer came in time. */
    readonly isTimeout = false,
  ) {
    super(message);
  }
}
