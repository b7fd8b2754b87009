import type { ObjectMeta } from '@ecr-anywhere/secret-scan';

/** What the refresher needs of a cluster, and no more. It sees metadata, never the data of a Secret. */
export interface Kubernetes {
  /** Namespaces that are enabled, cluster-wide. */
  enabledNamespaces(): AsyncIterable<ObjectMeta>;
  /** One namespace; undefined where there is none. */
  namespace(name: string): Promise<ObjectMeta | undefined>;
  /** Managed Secrets of one namespace, or of all. Pages are fetched as they are asked for. */
  managedSecrets(namespace?: string): AsyncIterable<ObjectMeta>;
  /**
   * Writes the mark of a Secret, and gives the metadata as it is stored afterwards.
   *
   * @throws {@link KubernetesError}
   */
  mark(secret: ObjectMeta, value: string): Promise<ObjectMeta>;
}

/**
 * Who refused.
 *
 * - `webhook-refused`: our webhook said no, and why
 * - `webhook-failed`: the API server could not call it
 * - `not-found`: the object is gone
 * - `invalid`: the API server's own validation said no
 * - `forbidden`, `unauthorized`: rights are missing
 * - `unavailable`: the API server, or the way to it, does not work, after retries
 */
export type KubernetesFailure =
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
