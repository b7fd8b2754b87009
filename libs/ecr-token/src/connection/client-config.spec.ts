import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { isolateAwsEnvironment, type AwsEnvironment } from '../testing/aws-environment.ts';
import { sdkClientConfig } from './client-config.ts';
import { clientOptionsFromEnv, type AwsClientOptions } from './client-options.ts';

let environment: AwsEnvironment;
beforeEach(() => {
  environment = isolateAwsEnvironment();
});
afterEach(() => environment.restore());

/** The hosts that real clients would call for ECR and STS. They send nothing. */
async function hosts(options: AwsClientOptions): Promise<string[]> {
  const asked: string[] = [];
  const requestHandler = {
    handle: (request: { hostname: string }) => {
      asked.push(request.hostname);
      return Promise.reject(Object.assign(new Error('not sent'), { name: 'AbortError' }));
    },
  };
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'x' };
  const config = { ...sdkClientConfig(options, process.env), requestHandler, credentials };
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

  it('can be changed with the variables that the SDK itself reads', async () => {
    environment.set({ AWS_ENDPOINT_URL: 'http://all:1', AWS_ENDPOINT_URL_STS: 'http://sts-only:2' });
    expect(await hosts({ region: 'us-east-1' })).toEqual(['all', 'sts-only']);
  });
});

describe('the region, without a variable', () => {
  it.each([
    ['default', {}, '[default]\nregion = eu-west-1\n'],
    ['ci', { AWS_PROFILE: 'ci' }, '[profile ci]\nregion = eu-west-1\n'],
    ['usual', { AWS_DEFAULT_PROFILE: 'usual' }, '[profile usual]\nregion = eu-west-1\n'],
    ['two words', { AWS_PROFILE: 'two words' }, '[profile "two words"]\nregion = eu-west-1\n'],
  ])('comes from the profile %s', async (_, variables, text) => {
    environment.set({ ...variables, AWS_CONFIG_FILE: environment.write('config', text) });
    const asked = await hosts(clientOptionsFromEnv(process.env));
    expect(asked).toEqual(['api.ecr.eu-west-1.amazonaws.com', 'sts.eu-west-1.amazonaws.com']);
  });

  it('is required', async () => {
    const { region } = sdkClientConfig({}, process.env);
    await expect((region as () => Promise<string>)()).rejects.toMatchObject({
      code: 'invalid-settings',
      message: 'No AWS region is set',
    });
  });
});

it('other settings also come from the profile that AWS_DEFAULT_PROFILE names', async () => {
  const text = '[profile usual]\nregion = us-east-1\nuse_fips_endpoint = true\n';
  environment.set({
    AWS_DEFAULT_PROFILE: 'usual',
    AWS_CONFIG_FILE: environment.write('fips-config', text),
  });
  expect(await hosts(clientOptionsFromEnv(process.env))).toEqual([
    'api.ecr-fips.us-east-1.amazonaws.com',
    'sts-fips.us-east-1.amazonaws.com',
  ]);
});
