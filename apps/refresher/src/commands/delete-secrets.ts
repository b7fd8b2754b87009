import type { SecretName } from '../config/command.ts';
import type { OutputFormat } from '../config/config.ts';
import type { Deletion, OwnSecrets } from '../kubernetes/own-secrets.ts';

/** Which Secrets to delete, and where to print the results. */
export interface DeleteOptions {
  readonly api: Pick<OwnSecrets, 'deleteSecret'>;
  readonly secrets: readonly SecretName[];
  readonly output: OutputFormat;
  readonly write: (line: string) => void;
}

const SENTENCES: Readonly<Record<Deletion, string>> = {
  deleted: 'was deleted',
  'held-back': 'is being deleted, and waits for its finalizers',
  absent: 'does not exist',
};

/**
 * Deletes Secrets if they exist, and prints the result for each.
 *
 * @throws {@link KubernetesError} at the first that cannot be deleted
 */
export async function deleteSecrets({ api, secrets, output, write }: DeleteOptions): Promise<void> {
  for (const { namespace, name } of secrets) {
    const result = await api.deleteSecret(namespace, name);
    write(
      output === 'json'
        ? JSON.stringify({ namespace, name, result })
        : `${namespace}/${name} ${SENTENCES[result]}`,
    );
  }
}
