import { isEnabledNamespace, type ObjectMeta } from '@ecr-anywhere/secret-scan';

/** Labels by which the namespaces of one installation differ from those of the others. */
export type NamespaceLabels = Readonly<Record<string, string>>;

/** Which installation fills the Secrets of a namespace. */
export type Installation = 'this' | 'another' | 'none';

/**
 * Decides by the labels of a namespace which installation fills its Secrets. The `namespaceSelector` of the webhook
 * configuration makes the same decision in the API server.
 *
 * @param namespace - undefined if it does not exist
 * @param required - the labels that this installation requires in addition to the one that enables a namespace
 */
export function installationOf(namespace: ObjectMeta | undefined, required: NamespaceLabels): Installation {
  if (!isEnabledNamespace(namespace)) return 'none';
  const labels = namespace?.labels ?? {};
  return Object.entries(required).every(([key, value]) => labels[key] === value) ? 'this' : 'another';
}
