import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { sdkClientConfig } from '../connection/client-config.ts';
import type { AwsClientOptions } from '../connection/client-options.ts';
import type { CallContext } from '../errors/service.ts';
import type { Environment } from '../settings/environment.ts';
import type { AwsClock } from '../token/clock.ts';
import { hearAnswers } from './hear-answers.ts';
import { retryWhereKeysAreNotFetched } from './issuer-keys.ts';
import { observed, type CallListener } from './observed-call.ts';
import { sessionFrom } from './session.ts';
import { STS } from './sts-errors.ts';

export const DEFAULT_SESSION_NAME = 'ecr-anywhere';

/** One role to assume. */
export interface RoleStep {
  readonly roleArn: string;
  readonly externalId?: string | undefined;
  /** Appears in CloudTrail; `ecr-anywhere` by default. */
  readonly sessionName?: string | undefined;
  /** 900 to 43,200; 3,600 by default, which is also the most for a role that is assumed from another role. */
  readonly durationSeconds?: number | undefined;
}

/** STS, as far as identities need it. Every call has a deadline; every failure is an `EcrTokenError`. */
export interface Sts {
  /** The ARN of the credentials' owner. The call needs no permission. */
  callerArn(credentials: AwsCredentialIdentity): Promise<string>;
  assumeRole(
    step: RoleStep,
    credentials: AwsCredentialIdentity,
    callerArn?: string,
  ): Promise<AwsCredentialIdentity>;
  assumeRoleWithWebIdentity(step: RoleStep, token: string): Promise<AwsCredentialIdentity>;
}

/** What asking STS takes. */
export interface StsOptions {
  readonly client: AwsClientOptions;
  /** Names the files that hold the region, if `client` has none. */
  readonly env: Environment;
  /** Tells the time, and is corrected by STS's answers. */
  readonly clock: AwsClock;
  readonly onCall?: CallListener | undefined;
}

export function sts({ client: options, env, clock, onCall }: StsOptions): Sts {
  const call = async <T>(
    credentials: AwsCredentialIdentity | undefined,
    context: Omit<CallContext, 'service'>,
    send: (client: STSClient) => Promise<T>,
  ): Promise<T> => {
    const client = new STSClient({
      ...sdkClientConfig(options, env),
      // A call with a web identity token is not signed. Without this the SDK would still look for credentials.
      credentials: credentials ?? { accessKeyId: '', secretAccessKey: '' },
      systemClockOffset: clock.offset,
    });
    hearAnswers(client, clock);
    retryWhereKeysAreNotFetched(client);
    const full: CallContext = { ...context, service: STS, region: options.region };
    try {
      return await observed(full, onCall, () => send(client));
    } finally {
      client.destroy();
    }
  };

  return {
    callerArn: (credentials) =>
      call(credentials, { operation: 'GetCallerIdentity' }, async (client) => {
        const { Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
        return Arn;
      }),
    assumeRole: (step, credentials, callerArn) =>
      call(credentials, { operation: 'AssumeRole', roleArn: step.roleArn, callerArn }, async (client) => {
        const { Credentials } = await client.send(
          new AssumeRoleCommand({
            ...parameters(step),
            ExternalId: step.externalId,
          }),
        );
        return sessionFrom(Credentials, 'AssumeRole', clock.now());
      }),
    assumeRoleWithWebIdentity: (step, token) =>
      call(undefined, { operation: 'AssumeRoleWithWebIdentity', roleArn: step.roleArn }, async (client) => {
        const { Credentials } = await client.send(
          new AssumeRoleWithWebIdentityCommand({ ...parameters(step), WebIdentityToken: token }),
        );
        return sessionFrom(Credentials, 'AssumeRoleWithWebIdentity', clock.now());
      }),
  };
}

function parameters({ roleArn, sessionName = DEFAULT_SESSION_NAME, durationSeconds }: RoleStep) {
  return {
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    DurationSeconds: durationSeconds,
  };
}
