import type { ObjectMeta } from '@ecr-anywhere/secret-scan';

/** What the refresher needs of a cluster, and no more. It sees metadata, never the data of a Secret. */
export interface Kubernetes {
  /** Namespaces that are enabled, cluster-wide. */
  enabledNamespaces(): AsyncIterable<ObjectMeta>;
  /** One namespace; undefined where there is none. */
  namespace(name: string): Promise<ObjectMeta | undefined>;
  /**
   * Managed Secrets of one namespace, or of all, in no particular order. Pages are fetched as they are asked for.
   *
   * @param onRepeats - called where a Secret may come a second time
   */
  managedSecrets(namespace?: string, onRepeats?: () => void): AsyncIterable<ObjectMeta>;
  /**
   * Writes the mark of a Secret, and gives the metadata as it is stored afterwards; with `dryRun`, as it would be stored.
   *
   * @throws {@link KubernetesError}
   */
  mark(secret: ObjectMeta, value: string, options?: { readonly dryRun?: boolean }): Promise<ObjectMeta>;
}

/**
 * Who refused.
 *
 * - `secret-at-fault`: our webhook said that this Secret can never be filled, and why
 * - `webhook-refused`: our webhook said no for another reason, or another webhook did
 * - `webhook-failed`: the API server could not call it
 * - `not-found`: the object is gone
 * - `invalid`: the API server's own validation said no
 * - `forbidden`, `unauthorized`: rights are missing
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
