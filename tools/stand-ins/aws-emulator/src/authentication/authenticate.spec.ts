import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { keysOf, startStage, type ClientOptions, type Stage } from '../testing/clients.ts';

const MINUTE = 60_000;

describe('the caller of AWS', () => {
  let stage: Stage;
  let ahead = 0;
  beforeAll(async () => {
    stage = await startStage({ clock: () => Date.now() + ahead });
  });
  beforeEach(() => {
    ahead = 0;
  });
  afterAll(() => stage.stop());

  const token = (options?: ClientOptions) => stage.ecr(options).send(new GetAuthorizationTokenCommand({}));
  const whoAmI = (options?: ClientOptions) => stage.sts(options).send(new GetCallerIdentityCommand({}));
  const sessionKeys = async () => {
    const { Credentials } = await stage.sts().send(
      new AssumeRoleCommand({
        RoleArn: 'arn:aws:iam::111122223333:role/puller',
        RoleSessionName: 'test',
        DurationSeconds: 900,
      }),
    );
    return keysOf(Credentials);
  };

  it('is refused with a wrong secret key, with the error of each service', async () => {
    const credentials = { ...stage.emulator.accessKeys, secretAccessKey: 'wrong' };
    const message = expect.stringContaining('The request signature we calculated does not match');

    await expect(token({ credentials })).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      message,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(whoAmI({ credentials })).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      message,
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('is refused with an unknown access key, with the error of each service', async () => {
    const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'unknown' };
    const message = 'The security token included in the request is invalid.';

    await expect(token({ credentials })).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
      message,
    });
    await expect(whoAmI({ credentials })).rejects.toMatchObject({ name: 'InvalidClientTokenId', message });
  });

  it("is refused with a session's keys without its session token, or with another token", async () => {
    const { accessKeyId, secretAccessKey } = await sessionKeys();

    await expect(token({ credentials: { accessKeyId, secretAccessKey } })).rejects.toMatchObject({
      name: 'UnrecognizedClientException',
    });
    await expect(
      token({ credentials: { accessKeyId, secretAccessKey, sessionToken: 'another' } }),
    ).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
  });

  it("is accepted with a session's keys until the session ends", async () => {
    const credentials = await sessionKeys();
    await token({ credentials });
    ahead = 15 * MINUTE;
    const later = { credentials, systemClockOffset: ahead };
    const message = 'The security token included in the request is expired';

    await expect(token(later)).rejects.toMatchObject({ name: 'ExpiredTokenException', message });
    await expect(whoAmI(later)).rejects.toMatchObject({ name: 'ExpiredToken', message });
  });

  it("is refused if its clock is off, with the server's time in the message", async () => {
    const time = String.raw`\d{8}T\d{6}Z`;
    ahead = 6 * MINUTE;
    await expect(token()).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringMatching(
        `^Signature expired: ${time} is now earlier than ${time} \\(${time} - 5 min\\.\\)$`,
      ),
    });
    ahead = -16 * MINUTE;
    await expect(whoAmI()).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      message: expect.stringMatching(
        `^Signature not yet current: ${time} is still later than ${time} \\(${time} \\+ 15 min\\.\\)$`,
      ),
    });
  });

  it('is accepted if its clock is off by a few minutes', async () => {
    ahead = 4 * MINUTE;
    await token();
    ahead = -14 * MINUTE;
    await whoAmI();
  });

  it('succeeds at the second attempt if its clock is far off, because the SDK corrects it', async () => {
    ahead = 10 * MINUTE;
    const client = stage.ecr({ maxAttempts: 2 });

    const { $metadata } = await client.send(new GetAuthorizationTokenCommand({}));

    expect($metadata.attempts).toBe(2);
    expect(Math.abs(client.config.systemClockOffset - ahead)).toBeLessThan(MINUTE);
  });

  it.each([
    ['no signature', {}, 'MissingAuthenticationTokenException'],
    ['no signature of version 4', { authorization: 'Bearer x' }, 'IncompleteSignatureException'],
  ])('is refused with %s', async (_what, headers, type) => {
    const answer = await fetch(stage.emulator.endpoint, {
      method: 'POST',
      headers: {
        'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
        'content-type': 'application/x-amz-json-1.1',
        ...headers,
      },
      body: '{}',
    });

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ __type: type });
  });

  it.each([
    ['for another service', '20260102T030405Z', 's3', 'host;x-amz-date', 'correct service'],
    ['at no time', '20260102-whenever', 'ecr', 'host;x-amz-date', 'ISO-8601'],
    ['on another day', '20260103T030405Z', 'ecr', 'host;x-amz-date', 'Date in Credential scope'],
    ['for any host', '20260102T030405Z', 'ecr', 'x-amz-date', "'host' must be a 'SignedHeader'"],
    ['for any time', '20260102T030405Z', 'ecr', 'host', "'x-amz-date' must be a 'SignedHeader'"],
  ])('is refused with a signature %s', async (_what, time, service, signedHeaders, reason) => {
    const answer = await fetch(stage.emulator.endpoint, {
      method: 'POST',
      headers: {
        'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
        'x-amz-date': time,
        authorization:
          `AWS4-HMAC-SHA256 Credential=${stage.emulator.accessKeys.accessKeyId}/20260102/us-east-1/${service}/aws4_request, ` +
          `SignedHeaders=${signedHeaders}, Signature=${'0'.repeat(64)}`,
      },
      body: '{}',
    });

    expect(await answer.json()).toEqual({
      __type: 'InvalidSignatureException',
      message: expect.stringContaining(reason),
    });
  });
});
