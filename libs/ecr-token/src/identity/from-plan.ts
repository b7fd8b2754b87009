import { readFile } from 'node:fs/promises';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { AwsClientOptions, Milliseconds } from '../aws/client-options.ts';
import type { CallListener } from '../aws/observed-call.ts';
import { EcrTokenError, isEcrTokenError } from '../errors.ts';
import { fromDefaultChain } from './default-chain.ts';
import { fromKeysDirectory } from './keys-directory.ts';
import type { IdentityPlan, RoleStep } from './plan-identity.ts';
import { isSessionOf } from './role-arn.ts';
import { sts, type Sts } from './sts.ts';

/** Gives AWS credentials each time it is called: the SDK's own type. */
export type CredentialProvider = AwsCredentialIdentityProvider;

/** How a plan is carried out. */
export interface FromPlanOptions {
  /** How STS is reached; give it the region of the registry unless another is nearer. */
  readonly sts?: AwsClientOptions | undefined;
  /** Told of every call to STS. */
  readonly onCall?: CallListener | undefined;
  readonly clock?: () => number;
}

/** The most that AWS allows to a session whose caller is itself a session. */
const CHAINED_DURATION = 3_600;

/**
 * Clients of the SDK keep credentials without an end for ever, and ask anew five minutes before an end. With this one
 * they notice within five minutes that keys in a file have changed.
 */
const RECHECK: Milliseconds = 10 * 60_000;

/**
 * Carries a plan out. Each call does so anew: token files, shared configuration and metadata are read again, so that
 * what rotates takes effect. The token provider asks about once an hour, and clients of the SDK keep what they are given
 * until shortly before its `expiration`, which is always set. The SDK's default chain reads `process.env`, whatever
 * environment the plan was made from.
 *
 * @throws the provider it returns throws `EcrTokenError`.
 */
export function fromPlan(
  plan: IdentityPlan,
  { sts: options = {}, onCall, clock = Date.now }: FromPlanOptions = {},
): CredentialProvider {
  const client = { ...options, region: plan.stsRegion ?? options.region };
  const service = sts(client, onCall);
  return async () => {
    const credentials = await carryOut(plan, client, service);
    return { ...credentials, expiration: credentials.expiration ?? new Date(clock() + RECHECK) };
  };
}

async function carryOut(
  plan: IdentityPlan,
  client: AwsClientOptions,
  service: Sts,
): Promise<AwsCredentialIdentity> {
  const [first, ...rest] = plan.roles;
  if (plan.kind === 'web-identity' && first !== undefined) {
    const token = await readToken(plan.tokenFile);
    return assumeAll(rest, await service.assumeRoleWithWebIdentity(first, token), service);
  }
  const source =
    plan.kind === 'keys-directory'
      ? await fromKeysDirectory(plan.directory)
      : await fromDefaultChain({ client, service, sessionName: plan.sessionName });
  return assumeAll(plan.roles, source, service);
}

async function assumeAll(
  roles: readonly RoleStep[],
  source: AwsCredentialIdentity,
  service: Sts,
): Promise<AwsCredentialIdentity> {
  let credentials = source;
  for (const role of roles) credentials = await assume(role, credentials, service);
  return credentials;
}

async function assume(
  role: RoleStep,
  source: AwsCredentialIdentity,
  service: Sts,
): Promise<AwsCredentialIdentity> {
  // Only temporary credentials can be a session of the role already, or be held to the limit of a chain.
  if (source.sessionToken === undefined) return service.assumeRole(role, source);
  const callerArn = await callerOf(source, service);
  if (callerArn !== undefined && isSessionOf(callerArn, role.roleArn)) return source;
  if ((role.durationSeconds ?? 0) > CHAINED_DURATION && callerArn?.includes(':assumed-role/')) {
    throw new EcrTokenError({
      code: 'invalid-settings',
      message: `AWS_ROLE_DURATION_SECONDS is ${role.durationSeconds}, but ${role.roleArn} is assumed from another role, which AWS limits to ${CHAINED_DURATION}`,
      remedy: `set AWS_ROLE_DURATION_SECONDS to at most ${CHAINED_DURATION}, or unset it`,
    });
  }
  return service.assumeRole(role, source, callerArn);
}

/** IAM cannot deny this call, but the policy of a VPC endpoint can; then the role is simply assumed. */
async function callerOf(source: AwsCredentialIdentity, service: Sts): Promise<string | undefined> {
  try {
    return await service.callerArn(source);
  } catch (error) {
    if (isEcrTokenError(error) && error.code === 'role-denied') return undefined;
    throw error;
  }
}

async function readToken(file: string): Promise<string> {
  let token = '';
  let why = 'is empty';
  try {
    token = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    why = `cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`;
  }
  if (token !== '') return token;
  throw new EcrTokenError({
    code: 'identity-rejected',
    message: `The web identity token file ${file} ${why}`,
    remedy: 'check AWS_WEB_IDENTITY_TOKEN_FILE, and the volume that the token is projected into',
  });
}
