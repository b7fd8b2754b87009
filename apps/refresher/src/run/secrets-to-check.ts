import { KubernetesError, type NamedMetadata } from '@ecr-anywhere/kubernetes';
import { isEnabledNamespace } from '@ecr-anywhere/secret-scan';
import { EnabledNamespaces } from '../kubernetes/enabled-namespaces.ts';
import type { ManagedSecrets } from '../kubernetes/managed-secrets.ts';
import type { Namespaces } from '../kubernetes/namespaces.ts';
import type { EarlyEnd } from './early-end.ts';

/** Where to look for Secrets. */
export interface SecretsToCheckOptions {
  readonly cluster: Namespaces & Pick<ManagedSecrets, 'listManagedSecrets'>;
  /** Look only into these. If it is empty: into all namespaces. */
  readonly namespaces: readonly string[];
  /** What the user calls the setting `namespaces`, for messages. */
  readonly namespacesSetting: string;
  readonly signal: AbortSignal;
  /** Called for each named namespace whose Secrets cannot be listed. The other namespaces are still listed. */
  readonly onNamespaceFailure: (namespace: string, message: string) => void;
}

/** A managed Secret. */
export interface SecretToCheck {
  readonly metadata: NamedMetadata;
  /** Whether its namespace is enabled. */
  readonly isEnabled: boolean;
}

/**
 * Lists the managed Secrets of a run.
 *
 * @param onRepeats - called if a Secret may come a second time
 * @throws {@link KubernetesError} if a list fails and there is no other
 */
export async function* secretsToCheck(
  options: SecretsToCheckOptions,
  earlyEnd: EarlyEnd,
  onRepeats: () => void,
): AsyncIterable<SecretToCheck> {
  const { cluster, namespaces, signal } = options;
  if (signal.aborted) return; // even the first request may hang
  if (namespaces.length > 0) return yield* secretsInNamespaces(options, earlyEnd, onRepeats);
  const enabled = await EnabledNamespaces.list(cluster, signal);
  if (signal.aborted) return;
  for await (const metadata of cluster.listManagedSecrets(undefined, onRepeats)) {
    yield { metadata, isEnabled: await enabled.has(metadata.namespace) };
  }
}

async function* secretsInNamespaces(
  { cluster, namespaces, namespacesSetting, onNamespaceFailure }: SecretsToCheckOptions,
  earlyEnd: EarlyEnd,
  onRepeats: () => void,
): AsyncIterable<SecretToCheck> {
  for (const name of namespaces) {
    if (earlyEnd.hasCome) return;
    try {
      const namespace = await cluster.getNamespace(name);
      if (namespace === undefined) {
        onNamespaceFailure(name, `there is no such namespace; correct ${namespacesSetting}`);
        continue;
      }
      const isEnabled = isEnabledNamespace(namespace);
      for await (const metadata of cluster.listManagedSecrets(name, onRepeats)) yield { metadata, isEnabled };
      earlyEnd.noteNamespace();
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (error.failure === 'forbidden') {
        // A Role inside the namespace may have granted the right. Such a Role is deleted with the namespace.
        const hint = `if the namespace was deleted, remove it from ${namespacesSetting} (rbac.namespaces)`;
        onNamespaceFailure(name, `${error.message}; ${hint}`);
        continue;
      }
      if (namespaces.length === 1 || earlyEnd.hasCome) throw error;
      // Go on with the next one. Each run has the same order, so the last ones would never be checked otherwise.
      earlyEnd.noteNamespaceFailure(name, error);
      onNamespaceFailure(name, error.message);
    }
  }
}
