import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { EcrTokenError } from '../../errors/error.ts';
import { refusal } from '../../errors/refusal.ts';
import type { RoleStep } from '../../services/sts.ts';
import type { Profile, Settings, SharedConfig } from '../../settings/shared-config.ts';

/** Where a profile's first credentials come from. */
export type ProfileBeginning =
  | { readonly kind: 'keys'; readonly credentials: AwsCredentialIdentity }
  | { readonly kind: 'process'; readonly command: string }
  | { readonly kind: 'web-identity'; readonly tokenFile: string; readonly role: RoleStep }
  | ({ readonly kind: 'sso' } & SsoRole)
  | { readonly kind: 'login'; readonly session: string }
  | { readonly kind: 'credential-source'; readonly source: CredentialSourceName };

/** A role of IAM Identity Center. */
export interface SsoRole {
  /** The name of an `[sso-session]`; undefined if the profile itself has all settings. */
  readonly session: string | undefined;
  readonly startUrl: string;
  readonly region: string;
  readonly accountId: string;
  readonly roleName: string;
}

export type CredentialSourceName = (typeof CREDENTIAL_SOURCES)[number];

/** How the credentials of a profile will be obtained. */
export interface ProfilePlan {
  /** The profile that has `beginning`: the last one in a chain of `source_profile`. */
  readonly profile: Profile;
  readonly beginning: ProfileBeginning;
  /** The roles to assume after that, in this order. */
  readonly roles: readonly RoleStep[];
}

const CREDENTIAL_SOURCES = ['Environment', 'EcsContainer', 'Ec2InstanceMetadata'] as const;

/**
 * Reads what a profile says about credentials, by the rules of the AWS SDK for JavaScript. They differ from those of
 * the AWS CLI only for profiles that say several things at once. Undefined if the profile says nothing about
 * credentials, which is not a mistake: it may have only a region.
 *
 * @throws `EcrTokenError` with `credentials-missing` that names the profile and its files, if they contradict
 * themselves
 */
export function planProfile(
  config: SharedConfig,
  profile: Profile,
  visited: readonly string[] = [],
): ProfilePlan | undefined {
  const { settings } = profile;
  const keys = keysOf(settings);
  // In a source profile, keys come before a role. In the profile itself, the role comes first: the profile may be its
  // own source.
  if (visited.length > 0 && keys !== undefined) return beginsWith(profile, keys);
  const isSource = visited.length > 0 && settings['role_arn'] === undefined;
  if (isSource && settings['credential_source'] !== undefined) {
    return beginsWith(profile, credentialSourceOf(profile, settings['credential_source']));
  }
  const role = assumedRole(config, profile, [...visited, profile.name]);
  if (role !== undefined) return role;
  const beginning =
    keys ?? webIdentityOf(settings) ?? processOf(settings) ?? ssoOf(config, profile) ?? loginOf(settings);
  if (beginning !== undefined) return beginsWith(profile, beginning);
  refuseHalf(profile);
  return undefined;
}

function beginsWith(profile: Profile, beginning: ProfileBeginning): ProfilePlan {
  return { profile, beginning, roles: [] };
}

function keysOf(settings: Settings): ProfileBeginning | undefined {
  const { aws_access_key_id: accessKeyId, aws_secret_access_key: secretAccessKey } = settings;
  if (accessKeyId === undefined || secretAccessKey === undefined) return undefined;
  const { aws_session_token: sessionToken } = settings;
  const { aws_account_id: accountId, aws_credential_scope: credentialScope } = settings;
  return {
    kind: 'keys',
    credentials: {
      accessKeyId,
      secretAccessKey,
      sessionToken,
      accountId,
      credentialScope,
    },
  };
}

/** A role that is assumed with the credentials of another profile or of a `credential_source`. */
function assumedRole(
  config: SharedConfig,
  profile: Profile,
  visited: readonly string[],
): ProfilePlan | undefined {
  const { role_arn: roleArn, source_profile: sourceName, credential_source: source } = profile.settings;
  if (roleArn === undefined || (sourceName === undefined) === (source === undefined)) return undefined;
  const role = roleStep(profile, roleArn);
  if (sourceName === undefined) {
    return { ...beginsWith(profile, credentialSourceOf(profile, source ?? '')), roles: [role] };
  }
  const next = config.profiles.get(sourceName);
  if (next === undefined) {
    throw broken(profile, `names ${sourceName} as its source_profile, which is not in ${filesOf(config)}`);
  }
  if (visited.includes(sourceName) && keysOf(next.settings) === undefined) {
    throw broken(profile, `leads back to itself by source_profile: ${[...visited, sourceName].join(' → ')}`);
  }
  const plan = planProfile(config, next, visited);
  if (plan === undefined) {
    throw broken(next, `is the source_profile of ${profile.name}, but says nothing about credentials`);
  }
  return { ...plan, roles: [...plan.roles, role] };
}

function roleStep(profile: Profile, roleArn: string): RoleStep {
  const { role_session_name: sessionName, external_id: externalId } = profile.settings;
  const { duration_seconds: duration, mfa_serial: multiFactor } = profile.settings;
  if (multiFactor !== undefined) {
    throw broken(profile, 'asks for a multi-factor code (mfa_serial), which nobody can enter here');
  }
  if (duration !== undefined && !/^\d{1,5}$/.test(duration)) {
    throw broken(profile, 'has a duration_seconds that is not a whole number');
  }
  return {
    roleArn,
    sessionName,
    externalId,
    durationSeconds: duration === undefined ? undefined : Number(duration),
  };
}

function credentialSourceOf(profile: Profile, source: string): ProfileBeginning {
  const known = CREDENTIAL_SOURCES.find((name) => name === source);
  if (known !== undefined) return { kind: 'credential-source', source: known };
  throw broken(profile, `has a credential_source that is none of ${CREDENTIAL_SOURCES.join(', ')}`);
}

function webIdentityOf(settings: Settings): ProfileBeginning | undefined {
  const { role_arn: roleArn, web_identity_token_file: tokenFile, role_session_name: sessionName } = settings;
  if (roleArn === undefined || tokenFile === undefined) return undefined;
  return { kind: 'web-identity', tokenFile, role: { roleArn, sessionName } };
}

function processOf({ credential_process: command }: Settings): ProfileBeginning | undefined {
  return command === undefined ? undefined : { kind: 'process', command };
}

function loginOf({ login_session: session }: Settings): ProfileBeginning | undefined {
  return session === undefined ? undefined : { kind: 'login', session };
}

function ssoOf(config: SharedConfig, profile: Profile): ProfileBeginning | undefined {
  const { settings } = profile;
  if (!Object.keys(settings).some((name) => SSO_SETTINGS.includes(name))) return undefined;
  const { sso_session: session } = settings;
  const shared = session === undefined ? {} : config.ssoSessions.get(session);
  if (shared === undefined) {
    throw broken(profile, `names the sso_session ${session}, which is not in ${config.configFile}`);
  }
  const all = { ...settings, ...shared };
  const value = (name: string): string => {
    const given = all[name];
    if (given === undefined) throw broken(profile, `has no ${name}, which SSO needs`);
    return given;
  };
  return {
    kind: 'sso',
    session,
    startUrl: value('sso_start_url'),
    region: value('sso_region'),
    accountId: value('sso_account_id'),
    roleName: value('sso_role_name'),
  };
}

const SSO_SETTINGS = ['sso_start_url', 'sso_account_id', 'sso_session', 'sso_region', 'sso_role_name'];

/** @throws if a profile has only half of what credentials need */
function refuseHalf(profile: Profile): void {
  const { settings } = profile;
  const has = (name: string) => settings[name] !== undefined;
  const lacks = (one: string, other: string) => broken(profile, `has ${one}, but no ${other}`);
  if (has('aws_access_key_id')) throw lacks('aws_access_key_id', 'aws_secret_access_key');
  if (has('aws_secret_access_key')) throw lacks('aws_secret_access_key', 'aws_access_key_id');
  if (has('role_arn') && has('source_profile'))
    throw broken(
      profile,
      'has both source_profile and credential_source; a role is assumed from one of them',
    );
  if (has('role_arn'))
    throw lacks('role_arn', 'source_profile, credential_source or web_identity_token_file');
  if (has('web_identity_token_file')) throw lacks('web_identity_token_file', 'role_arn');
}

function filesOf({ configFile, credentialsFile }: SharedConfig): string {
  return `${configFile} or ${credentialsFile}`;
}

function broken({ name, files }: Profile, what: string): EcrTokenError {
  return refusal(
    'credentials-missing',
    `The profile ${name} in ${files.join(' and ')} ${what}`,
    'correct the profile, or set AWS_PROFILE to another one',
  );
}
