import { randomUUID } from 'node:crypto';
import type { AwsError } from './aws-error.ts';
import type { Answer } from './http-message.ts';
import type { RegistryToken } from './tokens.ts';

// Amazon ECR, in its protocol: AWS JSON 1.1.

export const ECR_TARGET = 'AmazonEC2ContainerRegistry_V20150921.';

export function authorizationToken(token: RegistryToken, registryHost: string): Answer {
  return answer(200, {
    authorizationData: [
      {
        authorizationToken: Buffer.from(`AWS:${token.password}`).toString('base64'),
        expiresAt: token.expiresAt.getTime() / 1000,
        proxyEndpoint: `https://${registryHost}`,
      },
    ],
  });
}

export function ecrError({ status, code, message }: AwsError): Answer {
  return answer(status, { __type: code, message }, { 'x-amzn-errortype': code });
}

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID(), ...headers },
    body: JSON.stringify(body),
  };
}
