import { randomUUID } from 'node:crypto';
import type { AwsError } from '../http/aws-error.ts';
import type { Answer, Call } from '../http/http-message.ts';
import type { RegistryToken } from './tokens.ts';

// Amazon ECR, in its protocol: AWS JSON 1.1.

export const ECR_TARGET = 'AmazonEC2ContainerRegistry_V20150921.';

/**
 * The answer to `GetAuthorizationToken`.
 *
 * @param skew how far AWS's clock is ahead, in milliseconds
 */
export function authorizationToken(token: RegistryToken, skew: number): Answer {
  return answer(200, {
    authorizationData: [
      {
        authorizationToken: Buffer.from(`AWS:${token.password}`).toString('base64'),
        expiresAt: (token.expiresAt.getTime() + skew) / 1000,
        proxyEndpoint: `https://${registryHost(token.account, token.region)}`,
      },
    ],
  });
}

/** Validates the request, independent of the caller. */
export function ecrRequestProblem(name: string, { body }: Call): AwsError | undefined {
  if (name !== 'GetAuthorizationToken') {
    return { status: 400, code: 'UnknownOperationException', message: `Unknown operation: ${name}` };
  }
  try {
    const parsed: unknown = JSON.parse(body.toString());
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return undefined;
  } catch {
    // The same error as for other bodies that are not objects.
  }
  return { status: 400, code: 'SerializationException', message: 'The request body is not a JSON object' };
}

export function ecrError({ status, code, message }: AwsError): Answer {
  return answer(status, { __type: code, message }, { 'x-amzn-errortype': code });
}

/** The host name of an account's registry. */
export function registryHost(account: string, region: string): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID(), ...headers },
    body: JSON.stringify(body),
  };
}
