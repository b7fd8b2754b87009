import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { isolateAwsEnvironment, type AwsEnvironment } from '../testing/aws-environment.ts';
import { sdkClientConfig } from './client-config.ts';
import type { AwsClientOptions } from './client-options.ts';

let environment: AwsEnvironment;
beforeEach(() => {
  environment = isolateAwsEnvironment();
});
afterEach(() => environment.restore());

/** The hosts that real clients would ask for ECR and STS; nothing is sent. */
async function hosts(options: AwsClientOptions): Promise<string[]> {
  const asked: string[] = [];
  const requestHandler = {
    handle: (request: { hostname: string }) => {
      asked.push(request.hostname);
      return Promise.reject(Object.assign(new Error('not sent'), { name: 'AbortError' }));
    },
  };
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'x' };
  const config = { ...sdkClientConfig(options), requestHandler, credentials };
  await new ECRClient(config).send(new GetAuthorizationTokenCommand({})).catch(() => undefined);
  await new STSClient(config).send(new GetCallerIdentityCommand({})).catch(() => undefined);
  return asked;
}

describe('the hosts of ECR and STS', () => {
  it.each<[AwsClientOptions, string[]]>([
    [{ region: 'eu-west-1' }, ['api.ecr.eu-west-1.amazonaws.com', 'sts.eu-west-1.amazonaws.com']],
    [{ region: 'us-east-1' }, ['api.ecr.us-east-1.amazonaws.com', 'sts.us-east-1.amazonaws.com']],
    [{ region: 'cn-north-1' }, ['api.ecr.cn-north-1.amazonaws.com.cn', 'sts.cn-north-1.amazonaws.com.cn']],
    [
      { region: 'us-east-1', useFipsEndpoint: true },
      ['api.ecr-fips.us-east-1.amazonaws.com', 'sts-fips.us-east-1.amazonaws.com'],
    ],
    [{ region: 'us-east-1', useDualstackEndpoint: true }, ['ecr.us-east-1.api.aws', 'sts.us-east-1.api.aws']],
    [
      { region: 'us-east-1', useFipsEndpoint: true, useDualstackEndpoint: true },
      ['ecr-fips.us-east-1.api.aws', 'sts-fips.us-east-1.api.aws'],
    ],
    [{ region: 'us-east-1', endpoint: 'http://emulator:4566' }, ['emulator', 'emulator']],
  ])('with %p', async (options, expected) => {
    expect(await hosts(options)).toEqual(expected);
  });

  it('may differ, by the variables that the SDK reads itself', async () => {
    environment.set({ AWS_ENDPOINT_URL: 'http://all:1', AWS_ENDPOINT_URL_STS: 'http://sts-only:2' });
    expect(await hosts({ region: 'us-east-1' })).toEqual(['all', 'sts-only']);
  });
});
