import { request } from 'node:http';
import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
} from '@aws-sdk/client-sts';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Faults, seededRandom } from './faults.ts';
import { startStage, type ClientOptions, type Stage } from '../testing/clients.ts';
import { jsonWebToken } from '../testing/json-web-token.ts';

const RATE_EXCEEDED = 'Rate exceeded';

describe('an ordered fault', () => {
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
  /** Sends a request without a signature, over a plain socket. */
  const ask = () => post(stage.emulator.endpoint);

  it('throttles, with the error of each service', async () => {
    stage.emulator.fault({ kind: 'throttle' });

    await expect(token()).rejects.toMatchObject({
      name: 'ThrottlingException',
      message: RATE_EXCEEDED,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(whoAmI()).rejects.toMatchObject({ name: 'Throttling', message: RATE_EXCEEDED });
  });

  it('ends after the ordered number of calls, so that a retry of the SDK succeeds', async () => {
    stage.emulator.fault({ kind: 'throttle' }, { times: 1 });

    const { $metadata } = await token({ maxAttempts: 2 });

    expect($metadata.attempts).toBe(2);
    expect(stage.emulator.calls()).toEqual({ GetAuthorizationToken: 2 });
  });

  it('denies access, and names the caller and the operation, with the error of each service', async () => {
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

  it('answers with a 500, with the error of each service', async () => {
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

  it('answers with an invalid body', async () => {
    stage.emulator.fault({ kind: 'malformed' });

    await expect(token()).rejects.toMatchObject({ $metadata: { httpStatusCode: 200 } });
    // The SDK reads any well-formed XML as an empty answer.
    await expect(whoAmI()).resolves.not.toHaveProperty('Arn');
  });

  it('answers with an expired token, which the registry refuses', async () => {
    stage.emulator.fault({ kind: 'expired-token' });

    const [data] = (await token()).authorizationData ?? [];

    expect(data?.expiresAt?.getTime()).toBeLessThan(Date.now());
    const headers = { authorization: `Basic ${data?.authorizationToken}` };
    expect((await fetch(`${stage.emulator.registryUrl}/v2/`, { headers })).status).toBe(401);
  });

  it('delays the answer', async () => {
    stage.emulator.fault({ kind: 'latency', milliseconds: 60 });
    const asked = performance.now();

    await token();

    // Timers and this clock may differ by a millisecond.
    expect(performance.now() - asked).toBeGreaterThanOrEqual(59);
  });

  it("moves AWS's clock: the Date header, the expiry of tokens, and the check of signatures", async () => {
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

  it("moves AWS's clock: the expiry of sessions", async () => {
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

  it('closes the connection', async () => {
    stage.emulator.fault({ kind: 'reset' });

    await expect(ask()).rejects.toMatchObject({ code: 'ECONNRESET' });
  });

  it('never answers', async () => {
    stage.emulator.fault({ kind: 'black-hole' });
    const patience = AbortSignal.timeout(100);

    await expect(post(stage.emulator.endpoint, patience)).rejects.toMatchObject({ name: 'AbortError' });
    expect(stage.emulator.calls()).toEqual({ GetAuthorizationToken: 1 });
  });

  it('applies to one operation and not to the others', async () => {
    stage.emulator.fault({ kind: 'server-error' }, { operation: 'GetCallerIdentity' });

    await token();
    await expect(whoAmI()).rejects.toMatchObject({ name: 'InternalFailure' });
  });

  it('does not apply to the registry: pulls with a token succeed', async () => {
    const [data] = (await token()).authorizationData ?? [];
    stage.emulator.fault({ kind: 'reset' });

    const headers = { authorization: `Basic ${data?.authorizationToken}` };
    expect((await fetch(`${stage.emulator.registryUrl}/v2/`, { headers })).status).toBe(200);
  });

  it('takes precedence over earlier faults, which apply again after it', async () => {
    stage.emulator.fault({ kind: 'server-error' });
    stage.emulator.fault({ kind: 'throttle' }, { times: 1 });

    await expect(token()).rejects.toMatchObject({ name: 'ThrottlingException' });
    await expect(token()).rejects.toMatchObject({ name: 'ServerException' });
  });

  it('is logged with its error', async () => {
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

  it('applies with about this probability', () => {
    const times = struck(7, 0.1).filter(Boolean).length;

    expect(times).toBeGreaterThan(70);
    expect(times).toBeLessThan(130);
  });

  it('applies to the same calls in every run with the same seed, and to others with another seed', () => {
    expect(struck(7, 0.1)).toEqual(struck(7, 0.1));
    expect(struck(7, 0.1)).not.toEqual(struck(8, 0.1));
  });

  it('applies never at 0 and always at 1', () => {
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
