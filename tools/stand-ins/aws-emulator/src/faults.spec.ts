import { request } from 'node:http';
import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
} from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Faults, seededRandom } from './faults.ts';
import { startStage, type ClientOptions, type Stage } from './testing/clients.ts';
import { jsonWebToken } from './testing/json-web-token.ts';

const RATE_EXCEEDED = 'Rate exceeded';

describe('a fault on order', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterEach(() => {
    stage.emulator.fault();
    stage.emulator.resetCalls();
  });
  afterAll(() => stage.stop());

  const token = (options?: ClientOptions) => stage.ecr(options).send(new GetAuthorizationTokenCommand({}));
  const whoAmI = () => stage.sts().send(new GetCallerIdentityCommand({}));
  /** Asks without a signature, over a plain socket. */
  const ask = () => post(stage.emulator.endpoint);

  it('throttles, as each service says it', async () => {
    stage.emulator.fault({ kind: 'throttle' });

    await expect(token()).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: RATE_EXCEEDED,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(whoAmI()).rejects.toMatchObject({ name: 'Throttling', message: RATE_EXCEEDED });
  });

  it('is over after so many calls, so that the SDK gets through by trying again', async () => {
    stage.emulator.fault({ kind: 'throttle' }, { times: 1 });

    const { $metadata } = await token({ maxAttempts: 2 });

    expect($metadata.attempts).toBe(2);
    expect(stage.emulator.calls()).toEqual({ GetAuthorizationToken: 2 });
  });

  it('denies access and says to whom and what, as each service says it', async () => {
    stage.emulator.fault({ kind: 'access-denied' });
    const user = 'User: arn:aws:iam::111122223333:user/emulated is not authorized to perform:';

    await expect(token()).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringContaining(`${user} ecr:GetAuthorizationToken on resource: *`),
      $metadata: { httpStatusCode: 400 },
    });
    await expect(
      stage.sts().send(
        new AssumeRoleCommand({
          RoleArn: 'arn:aws:iam::111122223333:role/puller',
          RoleSessionName: 'test',
        }),
      ),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining(`${user} sts:AssumeRole`),
      $metadata: { httpStatusCode: 403 },
    });
    await expect(
      stage.sts().send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: 'arn:aws:iam::111122223333:role/puller',
          RoleSessionName: 'test',
          WebIdentityToken: jsonWebToken({}),
        }),
      ),
    ).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    });
  });

  it('answers with a 500, as each service says it', async () => {
    stage.emulator.fault({ kind: 'server-error' });

    await expect(token()).rejects.toMatchObject({
      name: 'ServerException',
      $metadata: { httpStatusCode: 500 },
    });
    await expect(whoAmI()).rejects.toMatchObject({
      name: 'InternalFailure',
      $metadata: { httpStatusCode: 500 },
    });
  });

  it('answers with what is no answer', async () => {
    stage.emulator.fault({ kind: 'malformed' });

    await expect(token()).rejects.toMatchObject({ $metadata: { httpStatusCode: 200 } });
    // The SDK reads any well-formed XML as an answer that says nothing.
    await expect(whoAmI()).resolves.not.toHaveProperty('Arn');
  });

  it('answers with a token that has ended, which the registry does not take', async () => {
    stage.emulator.fault({ kind: 'expired-token' });

    const [data] = (await token()).authorizationData ?? [];

    expect(data?.expiresAt?.getTime()).toBeLessThan(Date.now());
    const headers = { authorization: `Basic ${data?.authorizationToken}` };
    expect((await fetch(`${stage.emulator.registryUrl}/v2/`, { headers })).status).toBe(401);
  });

  it('answers late', async () => {
    stage.emulator.fault({ kind: 'latency', milliseconds: 60 });
    const asked = performance.now();

    await token();

    // Timers and this clock may differ by a millisecond.
    expect(performance.now() - asked).toBeGreaterThanOrEqual(59);
  });

  it("moves AWS's clock, in the answer's date, the token's end, and the judgement of signatures", async () => {
    const hour = 3_600_000;
    stage.emulator.fault({ kind: 'clock-skew', milliseconds: -hour });

    await expect(token()).rejects.toMatchObject({
      name: 'InvalidSignatureException',
      message: expect.stringContaining('Signature not yet current'),
    });
    const { authorizationData, $metadata } = await token({ maxAttempts: 2 });
    expect($metadata.attempts).toBe(2);
    const end = authorizationData?.[0]?.expiresAt?.getTime() ?? 0;
    expect(Math.abs(end - (Date.now() + 11 * hour))).toBeLessThan(60_000);
  });

  it("moves AWS's clock in a session's end as well", async () => {
    const hour = 3_600_000;
    stage.emulator.fault({ kind: 'clock-skew', milliseconds: hour });

    const { Credentials } = await stage
      .sts({ systemClockOffset: hour })
      .send(
        new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::111122223333:role/puller', RoleSessionName: 'test' }),
      );

    const end = Credentials?.Expiration?.getTime() ?? 0;
    expect(Math.abs(end - (Date.now() + 2 * hour))).toBeLessThan(60_000);
  });

  it('cuts the connection', async () => {
    stage.emulator.fault({ kind: 'reset' });

    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('takes the request and never answers', async () => {
    stage.emulator.fault({ kind: 'black-hole' });
    const patience = AbortSignal.timeout(100);

    await expect(post(stage.emulator.endpoint, patience)).rejects.toMatchObject({ name: 'AbortError' });
    expect(stage.emulator.calls()).toEqual({ GetAuthorizationToken: 1 });
  });

  it('strikes one operation and leaves the others alone', async () => {
    stage.emulator.fault({ kind: 'server-error' }, { operation: 'GetCallerIdentity' });

    await token();
    await expect(whoAmI()).rejects.toMatchObject({ name: 'InternalFailure' });
  });

  it('leaves the registry alone: who holds a token pulls on', async () => {
    const [data] = (await token()).authorizationData ?? [];
    stage.emulator.fault({ kind: 'reset' });

    const headers = { authorization: `Basic ${data?.authorizationToken}` };
    expect((await fetch(`${stage.emulator.registryUrl}/v2/`, { headers })).status).toBe(200);
  });

  it('comes before those ordered earlier, which strike again when it is over', async () => {
    stage.emulator.fault({ kind: 'server-error' });
    stage.emulator.fault({ kind: 'throttle' }, { times: 1 });

    await expect(token()).rejects.toMatchObject({ name: 'ThrottlingException' });
    await expect(token()).rejects.toMatchObject({ name: 'ServerException' });
  });

  it('is logged with the error it made', async () => {
    stage.emulator.fault({ kind: 'throttle' });
    await token().catch(() => undefined);

    expect(stage.emulator.log()).toEqual([
      {
        operation: 'GetAuthorizationToken',
        callerArn: 'arn:aws:iam::111122223333:user/emulated',
        region: 'us-east-1',
        fault: 'throttle',
        error: 'ThrottlingException',
      },
    ]);
  });
});

describe('a fault with a probability', () => {
  const struck = (seed: number, probability: number) => {
    const faults = new Faults(seededRandom(seed));
    faults.order({ kind: 'throttle' }, { probability });
    return Array.from({ length: 1_000 }, () => faults.strike('GetAuthorizationToken') !== undefined);
  };

  it('strikes about as often as it says', () => {
    const times = struck(7, 0.1).filter(Boolean).length;

    expect(times).toBeGreaterThan(70);
    expect(times).toBeLessThan(130);
  });

  it('strikes the same calls in every run with a seed, and others with another', () => {
    expect(struck(7, 0.1)).toEqual(struck(7, 0.1));
    expect(struck(7, 0.1)).not.toEqual(struck(8, 0.1));
  });

  it('strikes never at 0 and always at 1', () => {
    expect(struck(7, 0)).not.toContain(true);
    expect(struck(7, 1)).not.toContain(false);
  });
});

function post(url: string, signal?: AbortSignal): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken' };
    request(url, { method: 'POST', headers, agent: false, ...(signal && { signal }) }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end('{}');
  });
}
