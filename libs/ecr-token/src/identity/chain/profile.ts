import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { refusal } from '../../errors/refusal.ts';
import { profileName, type Profile } from '../../settings/shared-config.ts';
import { byWebIdentity } from '../exchange/by-web-identity.ts';
import type { Obtained } from '../exchange/obtained.ts';
import { readTokenFile } from '../material/token-file.ts';
import { loginCredentials } from '../profiles/login-credentials.ts';
import { processCredentials } from '../profiles/process-credentials.ts';
import { planProfile, type CredentialSourceName, type ProfilePlan } from '../profiles/plan-profile.ts';
import { ssoCredentials } from '../profiles/sso-credentials.ts';
import { container } from './container.ts';
import { keysInEnvironment } from './environment.ts';
import { instanceRole } from './instance.ts';
import { absent, type Absent, type ChainLink, type Found, type ChainContext } from './link.ts';

/** A profile of the AWS CLI's files: the one that a variable names, or `default`. */
export const profile: ChainLink = {
  reads: ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'],
  async obtain(context) {
    const { config } = context;
    const name = profileName(context.env);
    const chosen = config.profiles.get(name);
    if (chosen === undefined) return missing(name, context);
    const plan = planProfile(config, chosen);
    if (plan === undefined) {
      return absent(
        ...config.troubles,
        `the profile ${name} in ${chosen.files.join(' and ')} says nothing about credentials`,
      );
    }
    return { ...(await assumed(plan, context)), source: `the profile ${name}` };
  },
};

/** A profile that is named has to exist. `default` does not have to, because the SDK uses it without being asked. */
function missing(name: string, { config }: ChainContext): Absent {
  const { configFile, credentialsFile, troubles } = config;
  if (name === 'default') return absent(...troubles);
  throw refusal(
    'credentials-missing',
    [`The profile ${name} is not in ${configFile} or ${credentialsFile}`, ...troubles].join('; '),
    'correct AWS_PROFILE or AWS_DEFAULT_PROFILE, or write the profile there',
  );
}

async function begin({ profile, beginning }: ProfilePlan, context: ChainContext): Promise<Obtained> {
  switch (beginning.kind) {
    case 'keys':
      return alone(beginning.credentials);
    case 'process':
      return alone(await processCredentials(beginning.command, profile, context));
    case 'sso':
      return alone(await ssoCredentials(beginning, profile, context));
    case 'login':
      return alone(await loginCredentials(beginning.session, profile, context));
    case 'credential-source':
      return fromSource(beginning.source, profile, context);
    case 'web-identity': {
      const { role, tokenFile } = beginning;
      const { sessionName = context.sessionName } = role;
      const readToken = () =>
        readTokenFile(tokenFile, `web_identity_token_file of the profile ${profile.name}`);
      return byWebIdentity(readToken, { ...role, sessionName }, context.sts);
    }
  }
}

function alone(credentials: AwsCredentialIdentity): Obtained {
  return { credentials, roles: [] };
}

const BY_NAME: Readonly<Record<CredentialSourceName, (context: ChainContext) => Promise<Found | Absent>>> = {
  Environment: async ({ env }) => keysInEnvironment(env),
  EcsContainer: (context) => container.obtain(context),
  Ec2InstanceMetadata: (context) => instanceRole(context, true),
};

async function fromSource(
  source: CredentialSourceName,
  { name, files }: Profile,
  context: ChainContext,
): Promise<Found> {
  const found = await BY_NAME[source](context);
  if (!('absent' in found)) return found;
  const place = `The profile ${name} in ${files.join(' and ')} has the credential_source ${source}`;
  throw refusal(
    'credentials-missing',
    [`${place}, which has no credentials here`, ...found.notes].join('; '),
    'provide them there, or correct the profile',
  );
}

/** Gets the first credentials, and then assumes the roles of the profile one after the other. */
async function assumed(plan: ProfilePlan, context: ChainContext): Promise<Obtained> {
  let { credentials, roles } = await begin(plan, context);
  for (const { sessionName = context.sessionName, ...role } of plan.roles) {
    credentials = await context.sts.assumeRole({ ...role, sessionName }, credentials);
    roles = [...roles, { roleArn: role.roleArn, outcome: 'assumed' }];
  }
  return { credentials, roles };
}
