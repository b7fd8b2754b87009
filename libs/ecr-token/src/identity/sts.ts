import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
  type Credentials,
} from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { sdkClientConfig } from '../aws/client-config.ts';
import type { AwsClientOptions } from '../aws/client-options.ts';
import type { CallContext } from '../aws/classify-error.ts';
import { observed, type CallListener } from '../aws/observed-call.ts';
import { EcrTokenError } from '../errors.ts';
import type { RoleStep } from './plan-identity.ts';
import { DEFAULT_SESSION_NAME } from './role-settings.ts';

/** STS, as far as identities need it. Every call has a deadline; every failure is an `EcrTokenError`. */
export interface Sts {
  /** Who the credentials belong to; needs no permission. */
  callerArn(credentials: AwsCredentialIdentity): Promise<string>;
  assumeRole(
    step: RoleStep,
    credentials: AwsCredentialIdentity,
    callerArn?: string,
  ): Promise<AwsCredentialIdentity>;
  assumeRoleWithWebIdentity(step: RoleStep, token: string): Promise<AwsCredentialIdentity>;
}

export function sts(options: AwsClientOptions, onCall?: CallListener): Sts {
  const call = async <T>(
    credentials: AwsCredentialIdentity | undefined,
    context: Omit<CallContext, 'service'>,
    send: (client: STSClient) => Promise<T>,
  ): Promise<T> => {
    const client = new STSClient({
      ...sdkClientConfig(options),
      // Web identity calls are not signed; without this the SDK would look for credentials all the same.
      credentials: credentials ?? { accessKeyId: '', secretAccessKey: '' },
    });
    const full: CallContext = { ...context, service: 'sts', region: options.region };
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
            ...(step.externalId && { ExternalId: step.externalId }),
          }),
        );
        return fromAnswer(Credentials, 'AssumeRole');
      }),
    assumeRoleWithWebIdentity: (step, token) =>
      call(undefined, { operation: 'AssumeRoleWithWebIdentity', roleArn: step.roleArn }, async (client) => {
        const { Credentials } = await client.send(
          new AssumeRoleWithWebIdentityCommand({ ...parameters(step), WebIdentityToken: token }),
        );
        return fromAnswer(Credentials, 'AssumeRoleWithWebIdentity');
      }),
  };
}

function parameters({ roleArn, sessionName = DEFAULT_SESSION_NAME, durationSeconds }: RoleStep) {
  return {
    RoleArn: roleArn,
    RoleSessionName: sessionName,
    ...(durationSeconds !== undefined && { DurationSeconds: durationSeconds }),
  };
}

function fromAnswer(credentials: Credentials | undefined, operation: string): AwsCredentialIdentity {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) {
    throw new EcrTokenError({
      code: 'bad-response',
      message: `STS answered ${operation} without complete credentials`,
      remedy: 'check that nothing between here and AWS rewrites answers',
    });
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  };
}
