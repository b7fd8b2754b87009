import { AccessError, loadAccess, type Access, type AccessOptions } from '@ecr-anywhere/kubernetes';
import { SettingsError } from '@ecr-anywhere/settings';

/** What the settings were given by: flags or variables. */
export type AccessNames = Readonly<Record<AccessError['setting'], string>>;

/**
 * The cluster and the identity to work with.
 *
 * @param names - what an error calls the settings
 * @throws SettingsError
 */
export async function clusterAccess(options: AccessOptions, names: AccessNames): Promise<Access> {
  try {
    return await loadAccess(options);
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    throw new SettingsError([`${names[error.setting]}: ${error.message}`]);
  }
}
