import { KubernetesError, type NamedMetadata } from '@ecr-anywhere/kubernetes';
import { EnabledNamespaces } from '../kubernetes/enabled-namespaces.ts';
import { installationOf, type NamespaceLabels } from '../kubernetes/installation.ts';
import type { ManagedSecrets } from '../kubernetes/managed-secrets.ts';
import type { Namespaces } from '../kubernetes/namespaces.ts';
import type { EarlyEnd } from './early-end.ts';

/** Where to look for Secrets. */
export interface SecretsToCheckOptions {
  readonly cluster: Namespaces & Pick<ManagedSecrets, 'listManagedSecrets'>;
  /** Look only into these. If it is empty: into all namespaces. */
  readonly namespaces: readonly string[];
  /** The labels of this installation's namespaces. An enabled namespace without them belongs to another installation. */
  readonly namespaceLabels: NamespaceLabels;
  /** What the user calls the setting `namespaces`, for messages. */
  readonly namespacesSetting: string;
  readonly signal: AbortSignal;
  /** Called for each named namespace whose Secrets cannot be listed. The other namespaces are still listed. */
  readonly onNamespaceFailure: (namespace: string, message: string) => void;
}

/** A managed Secret of this installation. */
export interface SecretToCheck {
  readonly metadata: NamedMetadata;
  /** Whether its namespace is enabled. */
  readonly isEnabled: boolean;
}

/**
 * Lists the managed Secrets of a run. It leaves out the Secrets of other installations. A Secret whose namespace is not
 * enabled may have been filled by any installation, so each of them lists it.
 *
 * @param onRepeats - called if a Secret may come a second time
 * @throws {@link KubernetesError} if a list fails and there is no other
 */
export async function* secretsToCheck(
  options: SecretsToCheckOptions,
  earlyEnd: EarlyEnd,
  onRepeats: () => void,
): AsyncIterable<SecretToCheck> {
  const { cluster, namespaces, namespaceLabels, signal } = options;
  if (signal.aborted) return; // even the first request may hang
  if (namespaces.length > 0) return yield* secretsInNamespaces(options, earlyEnd, onRepeats);
  const enabled = await EnabledNamespaces.list(cluster, namespaceLabels, signal);
  if (signal.aborted) return;
  for await (const metadata of cluster.listManagedSecrets(undefined, onRepeats)) {
    const installation = await enabled.installationOf(metadata.namespace);
    if (installation !== 'another') yield { metadata, isEnabled: installation === 'this' };
    else if (earlyEnd.hasCome) return; // the caller, who checks this, may get no Secret for many pages
  }
}

async function* secretsInNamespaces(
  { cluster, namespaces, namespaceLabels, namespacesSetting, onNamespaceFailure }: SecretsToCheckOptions,
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
      const installation = installationOf(namespace, namespaceLabels);
      if (installation !== 'another') {
        const isEnabled = installation === 'this';
        for await (const metadata of cluster.listManagedSecrets(name, onRepeats))
          yield { metadata, isEnabled };
      }
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
