import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readmeExamples, runExamples, undocumentedExports } from '../../../tools/build/library-readme.mjs';
import { isolateAwsEnvironment, type AwsEnvironment } from './testing/aws-environment.ts';
import { startAwsStandIn, type AwsStandIn } from './testing/aws-stand-in.ts';

const project = join(import.meta.dirname, '..');

let aws: AwsStandIn;
let environment: AwsEnvironment;

beforeAll(async () => {
  aws = await startAwsStandIn();
  environment = isolateAwsEnvironment();
  environment.set({
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });
});

afterAll(async () => {
  environment.restore();
  await aws.stop();
});

it('the examples of the README print what they say', async () => {
  for (const { printed, prints } of await runExamples(await readmeExamples(project)))
    expect(printed).toEqual(prints);
});

it('the README names every export', async () => {
  expect(await undocumentedExports(project)).toEqual([]);
});
