/**
 * Who refused.
 *
 * - `secret-at-fault`: our webhook said that this Secret can never be filled, and why
 * - `webhook-refused`: our webhook said no for another reason, or another webhook did
 * - `webhook-failed`: the API server could not call it
 * - `not-found`: the object, or its namespace, is gone
 * - `invalid`: the API server's own validation said no
 * - `forbidden`, `unauthorized`: rights are missing
 * - `too-large`: the answer is larger than this program can hold
 * - `cut-off`: the program had to end while it waited; the message says for what
 * - `unavailable`: the API server, or the way to it, does not work, after retries
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

/** A request that came to nothing. */
export class KubernetesError extends Error {
  override readonly name = 'KubernetesError';

  constructor(
    readonly failure: KubernetesFailure,
    message: string,
    /** Whether time ran out: somebody waited and nothing came. */
    readonly isTimeout = false,
  ) {
    super(message);
  }
}
