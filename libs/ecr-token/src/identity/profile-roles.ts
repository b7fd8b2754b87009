import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { RoleTaken } from './obtained-identity.ts';
import type { RoleStep } from './plan-identity.ts';
import { DEFAULT_SESSION_NAME } from './role-settings.ts';
import type { Sts } from './sts.ts';

/** What assuming the roles that profiles name takes. */
export interface ProfileRolesOptions {
  readonly service: Sts;
  readonly sessionName?: string | undefined;
  readonly onAssumed: (role: RoleTaken) => void;
}

/** The SDK's hooks, so that such a role is assumed with our deadlines, reported, and named where it is denied. */
export function profileRoles({
  service,
  sessionName = DEFAULT_SESSION_NAME,
  onAssumed,
}: ProfileRolesOptions) {
  const step = (params: ProfileRole): RoleStep => ({
    roleArn: params.RoleArn ?? '',
    // The SDK has no name of its own to tell from one that the profile gives, but this prefix.
    sessionName:
      params.RoleSessionName?.startsWith('aws-sdk-js-') === false ? params.RoleSessionName : sessionName,
    durationSeconds: params.DurationSeconds,
    externalId: params.ExternalId,
  });
  const assumed = async (role: RoleStep, session: Promise<AwsCredentialIdentity>) => {
    const credentials = await session;
    onAssumed({ roleArn: role.roleArn, outcome: 'assumed' });
    return credentials;
  };
  return {
    roleAssumer: (source: AwsCredentialIdentity, params: ProfileRole) => {
      const role = step(params);
      return assumed(role, service.assumeRole(role, source));
    },
    roleAssumerWithWebIdentity: (params: ProfileRole & { WebIdentityToken?: string | undefined }) => {
      const role = step(params);
      return assumed(role, service.assumeRoleWithWebIdentity(role, params.WebIdentityToken?.trim() ?? ''));
    },
  };
}

interface ProfileRole {
  readonly RoleArn?: string | undefined;
  readonly RoleSessionName?: string | undefined;
  readonly DurationSeconds?: number | undefined;
  readonly ExternalId?: string | undefined;
}
