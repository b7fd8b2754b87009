import { readFile } from 'node:fs/promises';
import { fromNodeProviderChain } from '@aws-sdk/credential-providers';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { sdkClientConfig } from '../aws/client-config.ts';
import type { AwsClientOptions } from '../aws/client-options.ts';
import { toEcrTokenError } from '../aws/classify-error.ts';
import type { CallListener } from '../aws/observed-call.ts';
import { EcrTokenError } from '../errors.ts';
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
}

/** The most that AWS allows to a session whose caller is itself a session. */
const CHAINED_DURATION = 3_600;

/**
 * Carries a plan out. Each call does so anew: token files, shared configuration and metadata are read again, so that
 * what rotates takes effect. The token provider asks about once an hour, so nothing is kept.
 *
 * @throws the provider it returns throws `EcrTokenError`.
 */
export function fromPlan(
  plan: IdentityPlan,
  { sts: options = {}, onCall }: FromPlanOptions = {},
): CredentialProvider {
  const service = sts(options, onCall);
  return async () => {
    const [first, ...rest] = plan.roles;
    if (plan.kind === 'web-identity' && first !== undefined) {
      const token = await readToken(plan.tokenFile);
      return assumeAll(rest, await service.assumeRoleWithWebIdentity(first, token), service);
    }
    return assumeAll(plan.roles, await fromDefaultChain(options), service);
  };
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
  const callerArn = await service.callerArn(source);
  if (isSessionOf(callerArn, role.roleArn)) return source;
  if ((role.durationSeconds ?? 0) > CHAINED_DURATION && callerArn.includes(':assumed-role/')) {
    throw new EcrTokenError({
      code: 'invalid-settings',
      message: `AWS_ROLE_DURATION_SECONDS is ${role.durationSeconds}, but ${role.roleArn} is assumed from another role, which AWS limits to ${CHAINED_DURATION}`,
      remedy: `set AWS_ROLE_DURATION_SECONDS to at most ${CHAINED_DURATION}, or unset it`,
    });
  }
  return service.assumeRole(role, source, callerArn);
}

async function fromDefaultChain(options: AwsClientOptions): Promise<AwsCredentialIdentity> {
  try {
    // A new chain each time: the SDK's keeps static keys for ever, also those of a file that has changed.
    return await fromNodeProviderChain({ ignoreCache: true, clientConfig: sdkClientConfig(options) })();
  } catch (error) {
    throw toEcrTokenError(error, {
      service: 'credentials',
      operation: 'the credential chain',
      region: options.region,
    });
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
