import { expect, it } from '@jest/globals';
import { isolateAwsEnvironment } from '../../testing/aws-environment.ts';
import { metadataCredentials, startAwsStandIn } from '../../testing/aws-stand-in.ts';
import { find } from '../../testing/chain.ts';

it('the first source that is configured gives the credentials: a named profile, keys, a profile, a token, a container, an instance', async () => {
  const environment = isolateAwsEnvironment();
  const aws = await startAwsStandIn();
  const keys = 'aws_access_key_id = AKIA\naws_secret_access_key = x\n';
  const instance = 'GET /latest/meta-data/iam/security-credentials/';
  aws.answer('GET /role', { body: metadataCredentials('ASIA') });
  aws.answer('PUT /latest/api/token', { body: 'session' });
  aws.answer(instance, { body: 'node' });
  aws.answer(`${instance}node`, { body: metadataCredentials('ASIA') });
  environment.set({
    AWS_CONFIG_FILE: environment.write('config', `[default]\n${keys}[profile named]\n${keys}`),
    AWS_PROFILE: 'named',
    AWS_ACCESS_KEY_ID: 'AKIA',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/pull',
    AWS_WEB_IDENTITY_TOKEN_FILE: environment.write('token', 'jwt'),
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${aws.url}/role`,
    AWS_EC2_METADATA_DISABLED: undefined,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url,
  });
  const found: (string | undefined)[] = [];
  for (const variable of [
    'AWS_PROFILE',
    'AWS_ACCESS_KEY_ID',
    'AWS_CONFIG_FILE',
    'AWS_ROLE_ARN',
    'AWS_CONTAINER_CREDENTIALS_FULL_URI',
    'AWS_EC2_METADATA_SERVICE_ENDPOINT',
  ]) {
    found.push((await find(aws.url)).source);
    environment.set({ [variable]: undefined });
  }
  environment.restore();
  await aws.stop();
  expect(found).toEqual([
    'the profile named',
    'the keys in AWS_ACCESS_KEY_ID',
    'the profile default',
    'the web identity token in AWS_WEB_IDENTITY_TOKEN_FILE',
    'container metadata',
    'instance metadata',
  ]);
});
