import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isolateAwsEnvironment, type AwsEnvironment } from '../../testing/aws-environment.ts';
import {
  metadataCredentials,
  startAwsStandIn,
  type Answer,
  type AwsStandIn,
} from '../../testing/aws-stand-in.ts';
import { failureToFind, find } from '../../testing/chain.ts';

let aws: AwsStandIn;
let environment: AwsEnvironment;
beforeEach(async () => {
  aws = await startAwsStandIn();
  environment = isolateAwsEnvironment();
  environment.set({ AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url });
});
afterEach(async () => {
  environment.restore();
  await aws.stop();
});

const ROLES = 'GET /latest/meta-data/iam/security-credentials/';

/** An instance with a role. The answer has the credentials of the role. */
function role(answer: Answer): void {
  aws.answer('PUT /latest/api/token', { body: 'session' });
  aws.answer(ROLES, { body: 'node' });
  aws.answer(`${ROLES}node`, answer);
}

describe('the metadata of an instance', () => {
  it('gives the credentials of its role', async () => {
    role({ body: metadataCredentials('ASIA-INSTANCE') });
    expect(await find()).toMatchObject({
      credentials: { accessKeyId: 'ASIA-INSTANCE' },
      source: 'instance metadata',
      roles: [],
    });
  });

  it('says that there is no role', async () => {
    aws.answer('PUT /latest/api/token', { body: 'session' });
    aws.answer(ROLES, { status: 404, body: '' });
    expect(await failureToFind()).toMatchObject({
      code: 'credentials-missing',
      transient: false,
      message:
        'No AWS credentials were found: the instance metadata service has no role for this machine (HTTP 404)',
    });
  });

  it('is transient if the service fails', async () => {
    role({ status: 503, body: '' });
    expect(await failureToFind()).toMatchObject({
      code: 'service',
      transient: true,
      message: 'The instance metadata service failed to answer the request for credentials (HTTP 503)',
    });
  });

  it.each([
    ['a page', '<html>planted'],
    ['an error', '{"Code":"AssumeRoleUnauthorizedAccess","Message":"planted"}'],
  ])('that answers with %s has no credentials', async (_, body) => {
    role({ body });
    const error = await failureToFind();
    expect(error).toMatchObject({ code: 'bad-response', transient: true });
    expect(`${error.stack} ${JSON.stringify(error)}`).not.toContain('planted');
  });

  it('is an error if it cannot be reached although a variable names it', async () => {
    await aws.stop();
    const error = await failureToFind();
    expect(error).toMatchObject({ code: 'network', transient: true });
    expect(error.message).toBe('The instance metadata service could not be reached (ECONNREFUSED)');
    expect(error.remedy).toContain('AWS_EC2_METADATA_SERVICE_ENDPOINT');
  });

  it('has an invalid address', async () => {
    environment.set({ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'planted' });
    const error = await failureToFind();
    expect(error).toMatchObject({ code: 'credentials-missing' });
    expect(error.remedy).toContain('AWS_EC2_METADATA_SERVICE_ENDPOINT');
    expect(error.message).not.toContain('planted');
  });

  it('is not asked if it is switched off', async () => {
    environment.set({ AWS_EC2_METADATA_DISABLED: 'true' });
    expect((await failureToFind()).message).toMatch(/^No AWS credentials were found/);
    expect(aws.seen).toEqual([]);
  });
});
