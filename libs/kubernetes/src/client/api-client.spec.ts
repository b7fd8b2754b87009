import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventually } from '@ecr-anywhere/eventually';
import {
  accessTo,
  CLIENT_TIMEOUT,
  metadata,
  startFakeApiServer,
  status,
  type FakeApiServer,
  type Reply,
} from '../testing/fake-api-server.ts';
import type { ApiCall } from './api-call.ts';
import { apiClient } from './api-client.ts';

/** What the server and the sockets of these tests use. */
const NEEDED = ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] as const;

describe('a request to the API server', () => {
  let server: FakeApiServer;

  beforeEach(async () => {
    server = await startFakeApiServer();
  });
  afterEach(() => server.stop());
  const MARK: ApiCall = {
    method: 'PATCH',
    path: '/api/v1/namespaces/blue/secrets/pull?dryRun=All',
    as: 'PartialObjectMetadata',
    content: { metadata: { annotations: { mark: '2026-01-02T03:04:05.678Z' } } },
  };
  const mark = () => server.call(MARK);
  const marked = metadata({ name: 'pull' });

  it.each<[string, Reply]>([
    ['429', status(429, 'slow down', { 'retry-after': '0' })],
    ['409', status(409, 'Operation cannot be fulfilled')],
    ['500', status(500, 'etcdserver: leader changed')],
    ['503', status(503, 'the server is currently unable')],
    ['a connection reset', 'reset'],
  ])('is sent again after %s, a temporary error of the API server', async (_, reply) => {
    server.replies = [reply, marked];
    await mark();
    expect(server.seen).toHaveLength(2);
  });

  it.each([
    [
      503,
      'admission webhook "ecr-anywhere.centml.ai" denied the request: no token',
      'webhook-refused',
      false,
    ],
    [
      422,
      'admission webhook "ecr-anywhere.centml.ai" denied the request: another type',
      'secret-at-fault',
      false,
    ],
    [422, 'admission webhook "policy.example.com" denied the request: no', 'webhook-refused', false],
    [
      422,
      'admission webhook "policy.example.com" denied the request: Secret "pull" is invalid: data: Too long: no',
      'webhook-refused',
      false,
    ],
    [
      422,
      'Secret "pull" is invalid: data: Too long: may not be more than 1048576 bytes',
      'secret-at-fault',
      false,
    ],
    [
      403,
      `secrets "pull" is forbidden: ValidatingAdmissionPolicy 'mine' with binding 'mine' denied request: the refresher may not change a Secret with more than 1000 keys in data or in metadata.annotations`,
      'secret-at-fault',
      false,
    ],
    [
      403,
      `secrets "pull" is forbidden: ValidatingAdmissionPolicy 'mine' with binding 'mine' denied request: the refresher may not change metadata.labels`,
      'forbidden',
      false,
    ],
    [
      500,
      'Internal error occurred: failed calling webhook "ecr-anywhere.centml.ai": failed to call webhook: the server responded with the status code 413 but did not return more information',
      'secret-at-fault',
      false,
    ],
    [
      500,
      'Internal error occurred: failed calling webhook "x": failed to call webhook: the server responded with the status code 413 but did not return more information',
      'webhook-failed',
      false,
    ],
    [500, 'etcdserver: request is too large', 'secret-at-fault', false],
    [
      500,
      'rpc error: code = ResourceExhausted desc = trying to send message larger than max (2200000 vs. 2097152)',
      'secret-at-fault',
      false,
    ],
    [422, 'Secret "pull" is invalid: data[.dockerconfigjson]: Invalid value', 'invalid', false],
    [500, 'Internal error occurred: failed calling webhook "x": connection refused', 'webhook-failed', false],
    [
      500,
      'Internal error occurred: failed calling webhook "x": context deadline exceeded',
      'webhook-failed',
      true,
    ],
    [403, 'secrets "pull" is forbidden', 'forbidden', false],
    [404, 'secrets "pull" not found', 'not-found', false],
  ])('is not sent again after %i %s', async (code, message, failure, isTimeout) => {
    server.replies = [status(code, message)];
    await expect(mark()).rejects.toMatchObject({ failure, isTimeout, message });
    expect(server.seen).toHaveLength(1);
  });

  it('asks for the whole object unless metadata is enough', async () => {
    server.replies = [{ body: { kind: 'ConfigMap', data: { key: 'value' } } }];
    const path = '/api/v1/namespaces/blue/configmaps/settings';
    expect((await server.call({ method: 'GET', path, as: 'object' })).body).toMatchObject({
      data: { key: 'value' },
    });
    expect(server.seen).toEqual([expect.objectContaining({ accept: 'application/json' })]);
  });

  it('is given up if its answer is larger than the client accepts', async () => {
    server.replies = [{ body: { kind: 'ConfigMap', data: { key: 'x'.repeat(1_024) } } }];
    const call = apiClient({
      access: accessTo(server.url),
      userAgent: 'test',
      timeout: 5_000,
      signal: new AbortController().signal,
      mostBytes: 1_024,
    });
    await expect(call({ method: 'GET', path: '/api/v1/namespaces', as: 'object' })).rejects.toMatchObject({
      failure: 'too-large',
    });
    expect(server.seen).toHaveLength(1);
  });

  it('waits as long as the API server asks, even in a plain text answer to too many requests', async () => {
    const busy: Reply = {
      status: 429,
      headers: { 'retry-after': '60' },
      body: 'Too many requests, please try again later.',
    };
    server.replies = [busy];
    const stop = new AbortController();
    const request = server.callUntil(stop.signal)(MARK);
    await eventually('it waits', () => server.pauses.length > 0);
    expect(server.pauses).toEqual([60_000]); // otherwise the pause would be 100 ms
    stop.abort(new Error('SIGTERM'));
    await expect(request).rejects.toThrow(
      /; the attempt before: the request to the API server failed: too many requests \(429\)$/,
    );
    expect(server.seen).toHaveLength(1);
  });

  it('fails after several attempts, and says why', async () => {
    server.replies = Array.from({ length: 20 }, () => status(429, 'slow down', { 'retry-after': '0' }));
    await expect(mark()).rejects.toMatchObject({ failure: 'unavailable', message: 'slow down' });
    expect(server.seen.length).toBeLessThan(10);
  });

  it('fails if a proxy answers 404, or if a PATCH is answered with 410', async () => {
    server.replies = Array.from({ length: 6 }, () => ({ status: 404, body: '<html>Not Found</html>' }));
    await expect(mark()).rejects.toMatchObject({ failure: 'unavailable' });
    server.replies = [status(410, 'gone for good')];
    await expect(mark()).rejects.toMatchObject({ failure: 'unavailable', message: 'gone for good' });
  });

  it.each<[string, object, string]>([
    ['the Secret', { details: { name: 'pull', kind: 'secrets' } }, 'not-found'],
    ['its namespace', { details: { name: 'blue', kind: 'namespaces' } }, 'not-found'],
    ['nothing in particular', {}, 'not-found'],
    ['something else', { details: { name: 'parameters', kind: 'configmaps' } }, 'unavailable'],
    ['the Secret, but from another service', { kind: 'Error', details: { name: 'pull' } }, 'unavailable'],
  ])('reports a deleted Secret only if the 404 is about it: %s', async (_, said, failure) => {
    const body = { kind: 'Status', message: 'not found', ...said };
    server.replies = Array.from({ length: 6 }, () => ({ status: 404, body }));
    await expect(mark()).rejects.toMatchObject({ failure });
  });

  it('reports a reason of several lines in one line, because programs read the last line of a run', async () => {
    server.replies = [
      status(403, 'admission webhook "x" denied the request: no\nchecked 5, due 0\u2028failed 0'),
    ];
    await expect(mark()).rejects.toThrow('denied the request: no checked 5, due 0 failed 0');
  });

  it('cuts a reason that is too long, and removes invisible characters', async () => {
    server.replies = [
      status(403, `admission webhook "x" denied the request:\u202e\u0007no ${'大'.repeat(5_000)}`),
    ];
    const { message } = (await mark().catch((error: unknown) => error)) as Error;
    expect(message).toMatch(/^admission webhook "x" denied the request: no 大+…$/);
    expect(Buffer.byteLength(message)).toBeLessThanOrEqual(1_000);
  });

  describe('that is running when the program has to end', () => {
    const end = new Error('SIGTERM');
    let stop: AbortController;
    beforeEach(() => {
      stop = new AbortController();
    });
    /** Begins a request, and ends it when the condition holds. */
    const endedWhen = async (what: string, condition: () => boolean) => {
      const request = server.callUntil(stop.signal)(MARK);
      request.catch(() => undefined); // the test looks at it later
      await eventually(what, condition);
      stop.abort(end);
      return request;
    };

    it('names the request that was not answered', async () => {
      server.replies = ['silence'];
      const ended = endedWhen('it is sent', () => server.seen.length === 1);
      await expect(ended).rejects.toMatchObject({
        failure: 'cut-off',
        message: expect.stringMatching(
          /^the API server did not answer PATCH \/api\/v1\/namespaces\/blue\/secrets\/pull within \d+\.\d s$/,
        ),
      });
    });

    it('has the last error if it was waiting for the next attempt', async () => {
      server.replies = [status(429, 'slow down', { 'retry-after': '60' })];
      const ended = endedWhen('it waits', () => server.pauses.length === 1);
      await expect(ended).rejects.toMatchObject({
        failure: 'cut-off',
        message:
          'no time was left for PATCH /api/v1/namespaces/blue/secrets/pull; the attempt before: slow down',
      });
      expect(server.seen).toHaveLength(1);
    });

    it('has both if the next attempt was running', async () => {
      server.replies = [status(503, 'no leader', { 'retry-after': '0' }), 'silence'];
      const ended = endedWhen('it is sent again', () => server.seen.length === 2);
      await expect(ended).rejects.toThrow(
        /^the API server did not answer .*; the attempt before: no leader$/,
      );
    });

    it('is not sent if the program has to end already', async () => {
      stop.abort(end);
      await expect(server.callUntil(stop.signal)(MARK)).rejects.toMatchObject({ failure: 'cut-off' });
      expect(server.seen).toHaveLength(0);
    });
  });

  describe('without an answer', () => {
    beforeEach(() => void jest.useFakeTimers({ doNotFake: [...NEEDED] }));
    afterEach(() => void jest.useRealTimers());
    const timeOut = async (count: number) => {
      await eventually(`request ${count} is sent`, () => server.seen.length === count);
      jest.advanceTimersByTime(CLIENT_TIMEOUT);
    };

    it('is sent again after its timeout', async () => {
      server.replies = ['silence', marked];
      const request = mark();
      await timeOut(1);
      await request;
      expect(server.seen).toHaveLength(2);
    });

    it('is not sent a third time after two timeouts', async () => {
      server.replies = ['silence', 'silence', marked];
      const request = mark();
      request.catch(() => undefined); // the test looks at it later
      for (const count of [1, 2]) await timeOut(count);
      await expect(request).rejects.toMatchObject({ failure: 'unavailable', isTimeout: true });
      expect(server.seen).toHaveLength(2);
    });
  });
});
