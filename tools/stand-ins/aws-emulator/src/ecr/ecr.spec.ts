import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ECR_TARGET } from './ecr.ts';
import { keysOf, startStage, type Stage } from '../testing/clients.ts';

/** The parts of the SDK's requests that these specs change. */
interface HttpRequest {
  headers: Record<string, string>;
  body: unknown;
}

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

describe('GetAuthorizationToken', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage({ clock: () => NOW });
  });
  afterAll(() => stage.stop());

  const ask = async (options: Parameters<Stage['ecr']>[0] = {}) => {
    const client = stage.ecr({ systemClockOffset: NOW - Date.now(), ...options });
    return client.send(new GetAuthorizationTokenCommand({}));
  };

  it('returns a user name and a password with the length of a real one, for twelve hours', async () => {
    const { authorizationData, $metadata } = await ask();

    expect(authorizationData).toHaveLength(1);
    const { authorizationToken = '', expiresAt } = authorizationData![0]!;
    expect(Buffer.from(authorizationToken, 'base64').toString()).toMatch(/^AWS:[A-Za-z0-9+/]{2000,3000}=*$/);
    expect(expiresAt).toEqual(new Date(NOW + 12 * 3_600_000));
    expect($metadata).toMatchObject({
      httpStatusCode: 200,
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('returns another password each time', async () => {
    const [one, other] = [await ask(), await ask()];

    expect(one.authorizationData?.[0]?.authorizationToken).not.toBe(
      other.authorizationData?.[0]?.authorizationToken,
    );
  });

  it.each([
    ['us-east-1', 'https://111122223333.dkr.ecr.us-east-1.amazonaws.com'],
    ['ap-southeast-2', 'https://111122223333.dkr.ecr.ap-southeast-2.amazonaws.com'],
    ['cn-north-1', 'https://111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn'],
  ])('names the registry of the region that the call was signed for: %s', async (region, endpoint) => {
    expect((await ask({ region })).authorizationData?.[0]?.proxyEndpoint).toBe(endpoint);
  });

  it("names the registry of the caller's account", async () => {
    const { Credentials } = await stage
      .sts({ systemClockOffset: NOW - Date.now() })
      .send(
        new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::444455556666:role/puller', RoleSessionName: 'test' }),
      );

    const { authorizationData } = await ask({ credentials: keysOf(Credentials) });

    expect(authorizationData?.[0]?.proxyEndpoint).toBe(
      'https://444455556666.dkr.ecr.us-east-1.amazonaws.com',
    );
  });

  it.each<[string, { headers?: Record<string, string>; body?: string }, string]>([
    [
      'another operation',
      { headers: { 'x-amz-target': `${ECR_TARGET}DescribeImages` } },
      'UnknownOperationException',
    ],
    ['a body that is no JSON', { body: '<xml/>' }, 'SerializationException'],
    ['a body that is no object', { body: '[]' }, 'SerializationException'],
  ])('refuses %s', async (_what, { headers = {}, body }, name) => {
    const client = stage.ecr({ systemClockOffset: NOW - Date.now() });
    client.middlewareStack.add(
      (next) => async (args) => {
        const request = args.request as HttpRequest;
        Object.assign(request.headers, headers);
        if (body !== undefined) {
          request.body = body;
          request.headers['content-length'] = String(body.length);
        }
        return next(args);
      },
      { step: 'build', priority: 'low' },
    );

    await expect(client.send(new GetAuthorizationTokenCommand({}))).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('uses the lifetime that was set last', async () => {
    stage.emulator.setTokenLifetime(60_000);

    expect((await ask()).authorizationData?.[0]?.expiresAt).toEqual(new Date(NOW + 60_000));
  });
});
