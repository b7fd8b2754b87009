import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startStage, type Stage } from '../testing/clients.ts';

describe('control over HTTP', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage();
  });
  afterEach(() => {
    stage.emulator.fault();
    stage.emulator.resetCalls();
  });
  afterAll(() => stage.stop());

  const token = () => stage.ecr().send(new GetAuthorizationTokenCommand({}));
  const control = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${stage.emulator.endpoint}/_emulator/${path}`, {
      method,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const content: unknown = await answer.json();
    return { status: answer.status, content };
  };

  it('lists the calls, and resets them', async () => {
    await token();

    expect(await control('GET', 'calls')).toEqual({
      status: 200,
      content: {
        calls: { GetAuthorizationToken: 1 },
        log: [expect.objectContaining({ operation: 'GetAuthorizationToken', region: 'us-east-1' })],
      },
    });
    await control('DELETE', 'calls');
    expect(stage.emulator.calls()).toEqual({});
  });

  it('lists the requests to the registry, and resets them', async () => {
    await fetch(`${stage.emulator.registryUrl}/v2/`);

    expect(await control('GET', 'registry')).toEqual({
      status: 200,
      content: { requests: [expect.objectContaining({ method: 'GET', path: '/v2/', status: 401 })] },
    });
    await control('DELETE', 'registry');
    expect(stage.emulator.registryRequests()).toEqual([]);
  });

  it('orders a fault of one region', async () => {
    await control('PUT', 'fault', { fault: { kind: 'throttle' }, scope: { region: 'eu-west-1' } });
    const inRegion = (region: string) => stage.ecr({ region }).send(new GetAuthorizationTokenCommand({}));
    await expect(inRegion('eu-west-1')).rejects.toMatchObject({ name: 'ThrottlingException' });
    await inRegion('us-east-1');
  });

  it('orders a fault, and cancels all faults', async () => {
    await control('PUT', 'fault', { fault: { kind: 'throttle' }, scope: { times: 5 } });
    await expect(token()).rejects.toMatchObject({ name: 'ThrottlingException' });

    expect(await control('PUT', 'fault', {})).toEqual({ status: 200, content: {} });
    await token();
  });

  it('sets the lifetime of tokens', async () => {
    await control('PUT', 'token-lifetime', { milliseconds: 1_000 });

    const { authorizationData } = await token();
    expect(authorizationData?.[0]?.expiresAt?.getTime()).toBeLessThanOrEqual(Date.now() + 1_000);
  });

  it('lists keys and addresses', async () => {
    const { accessKeys, account, registryHost, endpoint, container } = stage.emulator;

    expect(await control('GET', 'info')).toEqual({
      status: 200,
      content: { accessKeys, account, registryHost, endpoint, container },
    });
  });

  it.each([
    ['fault', { fault: { kind: 'trottle' } }, 'fault.kind: expected one of latency, clock-skew, throttle'],
    ['fault', { fault: 'throttle' }, 'fault: expected an object'],
    ['fault', { fault: { kind: 'latency' } }, 'fault.milliseconds: expected a number'],
    [
      'fault',
      { fault: { kind: 'latency', milliseconds: -1 } },
      'fault.milliseconds: expected a number from 0',
    ],
    ['fault', { fault: { kind: 'reset' }, scope: { times: 0 } }, 'scope.times: expected a number from 1'],
    ['fault', { fault: { kind: 'reset' }, scope: { probability: 2 } }, 'scope.probability: expected'],
    ['fault', { fault: { kind: 'reset' }, scope: { operation: 1 } }, 'scope.operation: expected the name'],
    ['fault', { fault: { kind: 'reset' }, scope: { region: 1 } }, 'scope.region: expected the name'],
    ['fault', 'null', 'the body: expected an object'],
    ['fault', '{', 'the body: expected JSON'],
    ['token-lifetime', { milliseconds: '1h' }, 'milliseconds: expected a number'],
    ['token-lifetime', 'null', 'milliseconds: expected a number'],
  ])('refuses to set %s to %j, with the reason', async (path, body, message) => {
    const { status, content } = await control('PUT', path, body);

    expect(status).toBe(400);
    expect(content).toEqual({ message: expect.stringContaining(message) });
    await token();
  });

  it('answers 404 for other paths', async () => {
    expect((await control('POST', 'calls')).status).toBe(404);
  });

  it('is not logged as an AWS operation', async () => {
    expect((await fetch(`${stage.emulator.endpoint}/elsewhere`)).status).toBe(404);
    expect(stage.emulator.calls()).toEqual({});
  });
});
