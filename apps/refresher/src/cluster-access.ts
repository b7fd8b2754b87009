import { AccessError, loadAccess, type Access, type AccessOptions } from '@ecr-anywhere/kubernetes';
import { SettingsError } from '@ecr-anywhere/settings';

/** What the settings are called here. */
const NAMES = { kubeconfig: 'KUBECONFIG', context: 'KUBE_CONTEXT' } as const;

/**
 * The cluster and the identity to work with.
 *
 * @throws SettingsError
 */
export async function clusterAccess(options: AccessOptions): Promise<Access> {
  try {
    return await loadAccess(options);
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    throw new SettingsError([`${NAMES[error.setting]}: ${error.message}`]);
  }
}
