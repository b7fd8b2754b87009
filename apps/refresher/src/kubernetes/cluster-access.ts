import { AccessError, loadAccess, type Access } from '@ecr-anywhere/kubernetes';
import { SettingsError, type Settings } from '@ecr-anywhere/settings';
import type { Config } from '../config/config.ts';

/** How the cluster is chosen. */
export type AccessConfig = Pick<Config, 'kubeconfig' | 'context' | 'nameOf'>;

/**
 * Finds the cluster and the identity to work with.
 *
 * @param signal - ends the reading of a kubeconfig that is a pipe
 * @throws SettingsError
 */
export async function findClusterAccess(
  { kubeconfig, context, nameOf }: AccessConfig,
  env: Settings,
  signal?: AbortSignal,
): Promise<Access> {
  try {
    return await loadAccess({ kubeconfig, context, env, ...(signal && { signal }) });
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    const setting = error.setting === 'context' ? 'KUBE_CONTEXT' : 'KUBECONFIG';
    throw new SettingsError([`${nameOf(setting)}: ${error.message}`]);
  }
}
