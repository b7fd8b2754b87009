import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { seededRandom } from './faults.ts';
import { startEmbeddedCluster, type EmbeddedCluster } from './start-embedded-cluster.ts';
import { ApiClient, type ApiCall } from './testing/api-client.ts';
import { secret } from './testing/test-cluster.ts';

const SECRETS = '/api/v1/namespaces/default/secrets';

describe('an ordered fault', () => {
  let cluster: EmbeddedCluster;
  let client: ApiClient;
  let call: ApiCall;

  beforeEach(async () => {
    cluster = await startEmbeddedCluster({ seed: 7 });
    client = new ApiClient(cluster);
    ({ call } = client);
    await call('POST', SECRETS, secret('one'));
  });
  afterEach(async () => {
    await client.close();
    await cluster.stop();
  });

  it('is an answer with Retry-After', async () => {
    cluster.fault({ kind: 'status', code: 429, retryAfterSeconds: 2 });
    const { status, retryAfter, body } = await call('GET', SECRETS);
    expect([status, retryAfter, body.reason]).toEqual([429, '2', 'TooManyRequests']);
    expect(body.details).toEqual({ retryAfterSeconds: 2 });
  });

  it('applies to matching requests only, and only so many times', async () => {
    cluster.fault({ kind: 'status', code: 503 }, { method: 'PATCH', path: /secrets\/one/g, times: 2 });
    const statuses: number[] = [];
    for (let turn = 0; turn < 3; turn++) statuses.push((await call('PATCH', `${SECRETS}/one`, {})).status);
    expect(statuses).toEqual([503, 503, 200]);
    expect((await call('GET', SECRETS)).status).toBe(200);
  });

  it('can be cancelled', async () => {
    cluster.fault({ kind: 'status', code: 500 });
    cluster.fault();
    expect((await call('GET', SECRETS)).status).toBe(200);
  });

  it('applies to the same requests in every run', async () => {
    const run = async () => {
      const other = await startEmbeddedCluster({ seed: 7 });
      const { call, close } = new ApiClient(other);
      other.fault({ kind: 'status', code: 500 }, { probability: 0.3 });
      const statuses: number[] = [];
      for (let turn = 0; turn < 30; turn++) statuses.push((await call('GET', SECRETS)).status);
      await close();
      await other.stop();
      return statuses;
    };
    const [one, two] = [await run(), await run()];
    expect(one).toEqual(two);
    expect(new Set(one)).toEqual(new Set([200, 500]));
  });

  it('closes the connection before the request is carried out', async () => {
    cluster.fault({ kind: 'reset' }, { method: 'POST', times: 1 });
    await expect(call('POST', SECRETS, secret('two'))).rejects.toThrow();
    expect((await call('GET', `${SECRETS}/two`)).status).toBe(404);
  });

  it('closes the connection after the request is carried out', async () => {
    cluster.fault({ kind: 'lost-answer' }, { method: 'POST', times: 1 });
    await expect(call('POST', SECRETS, secret('two'))).rejects.toThrow();
    expect((await call('GET', `${SECRETS}/two`)).status).toBe(200);
  });

  it('makes a continue token too old, and offers another one', async () => {
    await call('POST', SECRETS, secret('two'));
    const { body: first } = await call('GET', `${SECRETS}?limit=1`);
    cluster.fault({ kind: 'expired-continue' }, { times: 1 });
    expect((await call('GET', `${SECRETS}?limit=1`)).status).toBe(200);
    const { status, body } = await call('GET', `${SECRETS}?limit=1&continue=${first.metadata.continue}`);
    expect([status, body.reason]).toEqual([410, 'Expired']);
    const rest = await call('GET', `${SECRETS}?limit=1&continue=${body.metadata.continue}`);
    expect(rest.body.items.map(({ metadata }) => metadata.name)).toEqual(['two']);
  });

  it('delays the answer', async () => {
    cluster.fault({ kind: 'latency', milliseconds: 60 });
    const started = performance.now();
    expect((await call('GET', SECRETS)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(50);
  });
});

it('the seeded generator spreads evenly over [0, 1)', () => {
  const random = seededRandom(1);
  const numbers = Array.from({ length: 10_000 }, random);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
  expect(numbers.reduce((sum, one) => sum + one) / numbers.length).toBeCloseTo(0.5, 1);
});
