import { listObjects, readMetadata, type ApiClient } from '@ecr-anywhere/kubernetes';
import { ANNOTATIONS, isManaged, MANAGED_SELECTOR, type ObjectMeta } from '@ecr-anywhere/secret-scan';
import { namespacePath } from './namespaces.ts';

/** The API server's answer to a changed mark. */
export interface MarkAnswer {
  /** As stored after the webhook has changed the Secret. */
  readonly metadata: ObjectMeta;
  /** From our webhook, from other webhooks and from the API server. */
  readonly warnings: readonly string[];
}

/** What the refresher does with managed Secrets. It sees their metadata, never their data. */
export interface ManagedSecrets {
  /**
   * Lists the Secrets of one namespace, or of all, in no particular order. A page is requested when it is needed.
   *
   * @param onRepeats - called if a Secret may come a second time
   */
  listManagedSecrets(namespace?: string, onRepeats?: () => void): AsyncIterable<ObjectMeta>;
  /**
   * Writes the annotation that asks the webhook for a refresh.
   *
   * @param value - has to differ from the value that is there
   * @param options - `dryRun`: the API server calls the webhook, and stores nothing
   * @throws {@link KubernetesError}
   */
  markSecret(secret: ObjectMeta, value: string, options?: { readonly dryRun?: boolean }): Promise<MarkAnswer>;
}

export function managedSecretsApi(call: ApiClient, pageSize: number): ManagedSecrets {
  return {
    listManagedSecrets: (namespace, onRepeats) =>
      listObjects(call, {
        path: namespace === undefined ? '/api/v1/secrets' : `${namespacePath(namespace)}/secrets`,
        expected: { namespace: namespace ?? '*', isSelected: isManaged },
        selector: { labelSelector: MANAGED_SELECTOR },
        pageSize,
        onRepeats,
      }),
    async markSecret({ namespace, name }, value, { dryRun = false } = {}) {
      const secret = { namespace: namespace ?? '', name: name ?? '' };
      const path = secretPath(secret.namespace, secret.name);
      const { body, warnings = [] } = await call({
        method: 'PATCH',
        path: dryRun ? `${path}?dryRun=All` : path,
        as: 'PartialObjectMetadata',
        content: { metadata: { annotations: { [ANNOTATIONS.markedForUpdateAt]: value } } },
      });
      return { metadata: readMetadata(body, path, secret), warnings };
    },
  };
}

/** The path of a Secret in the API. */
export function secretPath(namespace: string, name: string): string {
  return `${namespacePath(namespace)}/secrets/${encodeURIComponent(name)}`;
}
