import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { readmeExample } from '../../../tools/readme-example.mjs';
import { isolateAwsEnvironment, type AwsEnvironment } from './testing/aws-environment.ts';
import { startAwsStandIn, type AwsStandIn } from './testing/aws-stand-in.ts';

let aws: AwsStandIn;
let environment: AwsEnvironment;

beforeAll(async () => {
  aws = await startAwsStandIn();
  environment = isolateAwsEnvironment();
  environment.set({
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
});

afterAll(async () => {
  environment.restore();
  await aws.stop();
});

it('the example of the README prints what it says', async () => {
  const { file, prints } = await readmeExample(join(import.meta.dirname, '..'));
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  await import(file);
  expect(log.mock.calls.map(([value]) => String(value))).toEqual(prints);
});
