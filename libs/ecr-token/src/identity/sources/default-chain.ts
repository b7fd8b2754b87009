import { refusal } from '../../errors/refusal.ts';
import { read, type Environment } from '../../settings/environment.ts';
import { ENDPOINT_VARIABLES } from '../chain/container-endpoint.ts';
import { CHAIN } from '../chain/index.ts';
import { sdkAssumesRole, TOKEN_FILE } from '../chain/web-identity.ts';
import type { IdentitySource } from './source.ts';

/** What the AWS SDK finds: keys, shared configuration, a web identity, container or instance metadata. */
export interface DefaultChainPlan {
  readonly kind: 'default';
  /** Where it looks first, in words for a log. */
  readonly source?: string | undefined;
}

/**
 * The AWS SDK's own order. Which link gives the credentials is known only once files have been read and services asked,
 * so this source takes every environment and stands last.
 */
export const defaultChain: IdentitySource<DefaultChainPlan> = {
  kind: 'default',
  chosenBy: ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_DEFAULT_PROFILE'],
  reads: CHAIN.flatMap(({ reads }) => reads),
  plan: (env) => ({ plan: { kind: 'default', source: firstOf(env) } }),
  assumesRoleItself: sdkAssumesRole,
  describe: ({ source = 'the credentials that the AWS SDK finds' }) => source,
  async obtain({ sessionName }, context) {
    const notes: string[] = [];
    for (const link of CHAIN) {
      const found = await link.obtain({ ...context, sessionName });
      if (!('absent' in found)) return found;
      notes.push(...found.notes);
    }
    throw refusal(
      'credentials-missing',
      ['No AWS credentials were found', ...(notes.length === 0 ? [] : [notes.join('; ')])].join(': '),
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile (and AWS_PROFILE to its name), a web identity or another source that the AWS SDK knows',
    );
  },
};

function firstOf(env: Environment): string {
  const profile = read(env, 'AWS_PROFILE');
  if (profile !== undefined) return `the profile ${profile}`;
  if (read(env, 'AWS_ACCESS_KEY_ID') !== undefined) return 'the keys in AWS_ACCESS_KEY_ID';
  const usual = read(env, 'AWS_DEFAULT_PROFILE');
  if (usual !== undefined) return `the profile ${usual}`;
  if (sdkAssumesRole(env))
    return `the credentials that the AWS SDK finds, with ${TOKEN_FILE} among its sources`;
  return ENDPOINT_VARIABLES.some((name) => read(env, name) !== undefined)
    ? 'the default profile, or else container metadata'
    : 'the default profile, or else instance metadata';
}
