import { KubeConfig } from '@kubernetes/client-node';
import { SettingsError } from '@ecr-anywhere/settings';

/**
 * The cluster and the identity to work with.
 *
 * @throws SettingsError
 */
export function loadKubeConfig(file: string | undefined, context: string | undefined): KubeConfig {
  const kubeConfig = new KubeConfig();
  try {
    if (file === undefined) kubeConfig.loadFromDefault();
    else kubeConfig.loadFromFile(file);
    if (context !== undefined) kubeConfig.setCurrentContext(context);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingsError([
      `KUBECONFIG: ${file ?? 'the default'} cannot be used (${code ?? 'it is malformed'})`,
    ]);
  }
  if (!kubeConfig.getCurrentCluster())
    throw new SettingsError(['KUBE_CONTEXT: the kubeconfig has no such context or cluster']);
  return kubeConfig;
}
