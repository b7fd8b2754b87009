import { EcrTokenError } from '../errors/error.ts';
import { read, type Environment } from './environment.ts';
import { profileName, readSharedConfig } from './shared-config.ts';

/**
 * The region of a profile, used if no option gives one. The AWS SDK does not find a profile that only
 * `AWS_DEFAULT_PROFILE` names, or one with a space in its name.
 *
 * @throws `EcrTokenError` with `invalid-settings` if there is none
 */
export async function profileRegion(profile: string | undefined, env: Environment): Promise<string> {
  const { profiles } = await readSharedConfig(env);
  const region = read(env, 'AWS_REGION') ?? profiles.get(profile ?? profileName(env))?.settings['region'];
  if (region !== undefined) return region;
  throw new EcrTokenError({
    code: 'invalid-settings',
    message: 'No AWS region is set',
    remedy: 'set AWS_REGION to the region in the names of the images',
  });
}
