import {
  KubernetesError,
  listObjects,
  readMetadata,
  type ApiClient,
  type NamedMetadata,
} from '@ecr-anywhere/kubernetes';
import { annotation, ANNOTATIONS, isManaged, MANAGED_SELECTOR } from '@ecr-anywhere/secret-scan';
import { namespacePath } from './namespaces.ts';

/** The API server's answer to a changed mark. */
export interface MarkAnswer {
  /** As stored after the webhook has changed the Secret. */
  readonly metadata: NamedMetadata;
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
  listManagedSecrets(namespace?: string, onRepeats?: () => void): AsyncIterable<NamedMetadata>;
  /**
   * Writes the mark, the annotation that asks the webhook for a refresh.
   *
   * @param now - milliseconds since 1970
   * @param options - `dryRun`: the API server calls the webhook, and stores nothing
   * @throws {@link KubernetesError}
   */
  markSecret(
    secret: NamedMetadata,
    now: number,
    options?: { readonly dryRun?: boolean },
  ): Promise<MarkAnswer>;
}

/** @param names - the only names that managed Secrets have; empty: they may have any name */
export function managedSecretsApi(
  call: ApiClient,
  pageSize: number,
  names: readonly string[] = [],
): ManagedSecrets {
  const list = (namespace: string | undefined, onRepeats: (() => void) | undefined, name?: string) =>
    listObjects(call, {
      path: namespace === undefined ? '/api/v1/secrets' : `${namespacePath(namespace)}/secrets`,
      expected: { namespace: namespace ?? '*', name, isSelected: isManaged },
      selector: {
        labelSelector: MANAGED_SELECTOR,
        ...(name !== undefined && { fieldSelector: `metadata.name=${name}` }),
      },
      pageSize,
      onRepeats,
    });
  return {
    listManagedSecrets: (namespace, onRepeats) =>
      names.length === 0
        ? list(namespace, onRepeats)
        : oneAfterTheOther(names, (name) => list(namespace, onRepeats, name)),
    async markSecret(secret, now, { dryRun = false } = {}) {
      const { namespace, name } = secret;
      const path = secretPath(namespace, name);
      const { body, warnings = [] } = await call({
        method: 'PATCH',
        path: dryRun ? `${path}?dryRun=All` : path,
        as: 'PartialObjectMetadata',
        content: { metadata: { annotations: { [ANNOTATIONS.markedForUpdateAt]: newMark(secret, now) } } },
      });
      return { metadata: readMetadata(body, path, { namespace, name }), warnings };
    },
  };
}

/**
 * A list for each name: a right to Secrets of some names allows no other list. If one of the lists fails, for example because
 * its right is missing, the other lists still come. If the API server does not answer, they do not.
 *
 * @throws {@link KubernetesError} the first failure
 */
async function* oneAfterTheOther(
  names: readonly string[],
  list: (name: string) => AsyncIterable<NamedMetadata>,
): AsyncIterable<NamedMetadata> {
  let failure: KubernetesError | undefined;
  for (const name of names) {
    try {
      yield* list(name);
    } catch (error) {
      if (!(error instanceof KubernetesError) || error.isTimeout || error.failure === 'cut-off') throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
}

/** The time. It must differ from the mark that is there: the same mark would not ask for a refresh. */
function newMark(secret: NamedMetadata, now: number): string {
  const mark = new Date(now).toISOString();
  return mark === annotation(secret, 'markedForUpdateAt') ? new Date(now + 1).toISOString() : mark;
}

/** The path of a Secret in the API. */
export function secretPath(namespace: string, name: string): string {
  return `${namespacePath(namespace)}/secrets/${encodeURIComponent(name)}`;
}
