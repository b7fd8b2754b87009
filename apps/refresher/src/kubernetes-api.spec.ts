import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { KubeConfig } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { apiClient } from './api-client.ts';
import { kubernetesApi } from './kubernetes-api.ts';
import type { Kubernetes } from './kubernetes.ts';

type Reply = { status?: number; headers?: Record<string, string>; body: unknown } | 'reset' | 'silence';

describe('the Kubernetes API', () => {
  let server: Server;
  let seen: { method: string; url: URL; accept: string; body: string }[];
  let replies: Reply[];
  let cluster: Kubernetes;

  beforeEach(async () => {
    seen = [];
    replies = [];
    server = createServer((request, response) => {
      void text(request).then((body) => {
        const url = new URL(request.url ?? '', 'http://cluster');
        seen.push({ method: request.method ?? '', url, accept: request.headers.accept ?? '', body });
        const reply = replies.shift() ?? { body: { items: [] } };
        if (reply === 'reset') return void request.socket.destroy();
        if (reply === 'silence') return;
        response.writeHead(reply.status ?? 200, reply.headers).end(JSON.stringify(reply.body));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromClusterAndUser(
      {
        name: 'c',
        server: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        skipTLSVerify: true,
      },
      { name: 'u', token: 'canary' },
    );
    const call = apiClient({
      kubeConfig,
      timeout: 300,
      signal: new AbortController().signal,
      random: () => 0,
    });
    cluster = kubernetesApi(call, 2);
  });

  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  const page = (names: string[], next?: string): Reply => ({
    body: {
      metadata: { continue: next },
      items: names.map((name) => ({ metadata: { namespace: 'blue', name } })),
    },
  });
  const listed = async () => {
    const names: (string | null | undefined)[] = [];
    for await (const { name } of cluster.managedSecrets()) names.push(name);
    return names;
  };
  const mark = () => cluster.mark({ namespace: 'blue', name: 'pull' }, '2026-01-02T03:04:05.678Z');
  const marked: Reply = { body: { metadata: { name: 'pull' } } };
  const status = (code: number, message: string, headers: Record<string, string> = {}): Reply => ({
    status: code,
    headers,
    body: { kind: 'Status', code, message },
  });

  it('lists metadata, page by page, and never asks for data', async () => {
    replies = [page(['a', 'b'], 'more'), page(['c'])];
    expect(await listed()).toEqual(['a', 'b', 'c']);
    expect(seen.map(({ url }) => url.searchParams.get('continue'))).toEqual([null, 'more']);
    for (const { accept, url } of seen) {
      expect(accept).toContain('as=PartialObjectMetadataList');
      expect(url.searchParams.get('labelSelector')).toBe('ecr-anywhere.centml.ai/managed=true');
    }
  });

  it('goes on with the token that the API server offers when one has become too old', async () => {
    replies = [
      page(['a', 'b'], 'old'),
      { status: 410, body: { metadata: { continue: 'offered' } } },
      page(['c']),
    ];
    expect(await listed()).toEqual(['a', 'b', 'c']);
    expect(seen.at(-1)?.url.searchParams.get('continue')).toBe('offered');
  });

  it('begins anew where none is offered, and tells nothing twice', async () => {
    replies = [page(['a', 'b'], 'old'), { status: 410, body: {} }, page(['a', 'b'], 'new'), page(['c'])];
    expect(await listed()).toEqual(['a', 'b', 'c']);
  });

  it('patches one annotation, and gets metadata back', async () => {
    replies = [marked];
    expect(await mark()).toEqual({ name: 'pull' });
    expect(seen[0]).toMatchObject({
      method: 'PATCH',
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    });
    expect(JSON.parse(seen[0]!.body)).toEqual({
      metadata: {
        annotations: { 'ecr-anywhere.centml.ai/marked_for_update_at': '2026-01-02T03:04:05.678Z' },
      },
    });
  });

  it.each<[string, Reply]>([
    ['429', status(429, 'slow down', { 'retry-after': '0' })],
    ['409', status(409, 'Operation cannot be fulfilled')],
    ['500', status(500, 'etcdserver: leader changed')],
    ['503', status(503, 'the server is currently unable')],
    ['a connection that is cut', 'reset'],
    ['silence', 'silence'],
  ])('tries again after %s: it is the API server’s own trouble', async (_, reply) => {
    replies = [reply, marked];
    await mark();
    expect(seen).toHaveLength(2);
  });

  it.each([
    [
      503,
      'admission webhook "secrets.ecr-anywhere.centml.ai" denied the request: no token',
      'webhook-refused',
      false,
    ],
    [500, 'Internal error occurred: failed calling webhook "x": connection refused', 'webhook-failed', false],
    [
      500,
      'Internal error occurred: failed calling webhook "x": context deadline exceeded',
      'webhook-failed',
      true,
    ],
    [403, 'secrets "pull" is forbidden', 'forbidden', false],
    [404, 'secrets "pull" not found', 'not-found', false],
  ])('does not try again after %i %s', async (code, message, failure, isTimeout) => {
    replies = [status(code, message)];
    await expect(mark()).rejects.toMatchObject({ failure, isTimeout, message });
    expect(seen).toHaveLength(1);
  });

  it('gives up in the end, and says why', async () => {
    replies = Array.from({ length: 20 }, () => status(429, 'slow down', { 'retry-after': '0' }));
    await expect(mark()).rejects.toMatchObject({ failure: 'unavailable', message: 'slow down' });
    expect(seen.length).toBeLessThan(10);
  });

  it('knows a namespace that is not there', async () => {
    replies = [status(404, 'namespaces "x" not found')];
    expect(await cluster.namespace('x')).toBeUndefined();
  });
});

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
  return body;
}
