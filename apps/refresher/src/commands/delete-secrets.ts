import type { Config } from '../config/config.ts';
import type { Deletion, Objects } from '../kubernetes/own-secrets.ts';

/** What is deleted, and where it is told. */
export interface DeleteOptions {
  readonly objects: Pick<Objects, 'deleteSecret'>;
  readonly secrets: readonly { readonly namespace: string; readonly name: string }[];
  readonly output: Config['output'];
  readonly write: (line: string) => void;
}

const WORDS: Readonly<Record<Deletion, string>> = {
  deleted: 'is deleted',
  'held-back': 'is being deleted; its finalizers hold it back',
  absent: 'was not there',
};

/**
 * Deletes Secrets where they exist, and tells what became of each.
 *
 * @throws {@link KubernetesError} at the first that cannot be deleted
 */
export async function deleteSecrets({ objects, secrets, output, write }: DeleteOptions): Promise<void> {
  for (const { namespace, name } of secrets) {
    const result = await objects.deleteSecret(namespace, name);
    write(
      output === 'json'
        ? JSON.stringify({ namespace, name, result })
        : `${namespace}/${name} ${WORDS[result]}`,
    );
  }
}
