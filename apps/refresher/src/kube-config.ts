import { KubeConfig } from '@kubernetes/client-node';
import { SettingsError } from '@ecr-anywhere/settings';

/** What client-node takes for the cluster where it finds neither a kubeconfig nor the service account of a Pod. */
const NOBODY = 'http://localhost:8080';

/**
 * The cluster and the identity to work with.
 *
 * @param file wins over KUBECONFIG, where client-node looks otherwise
 * @throws SettingsError
 */
export function loadKubeConfig(file: string | undefined, context: string | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  try {
    if (file === undefined) kubeConfig.loadFromDefault();
    else kubeConfig.loadFromFile(file);
    if (context !== undefined) kubeConfig.setCurrentContext(context);
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    const where = file ?? path ?? 'the default';
    throw new SettingsError([`KUBECONFIG: ${where} cannot be used (${code ?? 'it is malformed'})`]);
  }
  const cluster = kubeConfig.getCurrentCluster();
  if (!cluster) throw new SettingsError(['KUBE_CONTEXT: the kubeconfig has no such context or cluster']);
  if (cluster.server === NOBODY && file === undefined)
    throw new SettingsError([
      'KUBECONFIG: there is no kubeconfig, and this is no Pod: set it, or --kubeconfig',
    ]);
  return kubeConfig;
}
