import {
  kubernetesApi,
  startFaultProxy,
  type Cluster,
  type FaultProxy,
  type KubernetesApi,
} from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { stageOn, startCluster, type Stage } from './stage.ts';

describe('a fault ordered from the proxy in front of an API server', () => {
  let cluster: Cluster;
  let proxy: FaultProxy;
  let api: KubernetesApi;
  let stage: Stage;

  beforeAll(async () => {
    cluster = await startCluster();
    proxy = await startFaultProxy(cluster.connection);
    api = kubernetesApi({ url: proxy.url });
  });

  afterAll(async () => {
    await api?.close();
    await proxy?.stop();
    await cluster?.stop();
  });

  beforeEach(async () => {
    stage = await stageOn({ api });
    for (const name of ['one', 'two']) expect((await stage.write(plain(name))).status).toBe(201);
  });

  afterEach(() => proxy.fault());

  const plain = (name: string) => ({ metadata: { name } });
  const names = (body: { readonly [field: string]: unknown }) =>
    (body['items'] as { metadata: { name: string } }[]).map(({ metadata }) => metadata.name);

  it('is an answer of the API server with Retry-After', async () => {
    proxy.fault({ kind: 'status', code: 429, retryAfterSeconds: 2 });
    const response = await fetch(proxy.url + stage.path);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '2']);
    expect(await response.json()).toMatchObject({
      kind: 'Status',
      reason: 'TooManyRequests',
      details: { retryAfterSeconds: 2 },
    });
  });

  it('affects only the ordered requests, and only the ordered number of them', async () => {
    proxy.fault({ kind: 'status', code: 503 }, { method: 'PATCH', path: /secrets\/one/, times: 2 });
    const statuses: number[] = [];
    for (let turn = 0; turn < 3; turn++) statuses.push((await stage.annotate('one', {})).status);
    expect(statuses).toEqual([503, 503, 200]);
  });

  it('closes the connection before the API server gets the request', async () => {
    proxy.fault({ kind: 'reset' }, { method: 'POST' });
    await expect(stage.write(plain('three'))).rejects.toThrow();
    expect((await api.get(`${stage.path}/three`)).status).toBe(404);
  });

  it('closes the connection after the API server has executed the request', async () => {
    proxy.fault({ kind: 'lost-answer' }, { method: 'POST' });
    await expect(stage.write(plain('three'))).rejects.toThrow();
    expect((await api.get(`${stage.path}/three`)).status).toBe(200);
  });

  it('makes a continue token expire, and gives a new one that the API server accepts', async () => {
    const { body: first } = await api.get(`${stage.path}?limit=1`);
    proxy.fault({ kind: 'expired-continue' }, { times: 1 });
    const rest = `${stage.path}?limit=1&continue=`;
    const { status, body } = await api.get(rest + first.metadata?.['continue']);
    expect([status, body.reason]).toEqual([410, 'Expired']);
    expect(names((await api.get(rest + body.metadata?.['continue'])).body)).toEqual(['two']);
  });

  it('delays the answer', async () => {
    proxy.fault({ kind: 'latency', milliseconds: 60 });
    const started = performance.now();
    expect((await api.get(stage.path)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(50);
  });

  it('can be cancelled', async () => {
    proxy.fault({ kind: 'status', code: 500 });
    proxy.fault();
    expect((await api.get(stage.path)).status).toBe(200);
  });
});
