import type { ObjectMeta } from '@ecr-anywhere/secret-scan';

/** What a mark came to. */
export interface Marked {
  readonly metadata: ObjectMeta;
  /** Of the webhook, and of others. */
  readonly warnings: readonly string[];
}

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
  mark(secret: ObjectMeta, value: string, options?: { readonly dryRun?: boolean }): Promise<Marked>;
}
