import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { kubernetesApi } from './kubernetes-api.ts';
import type { Kubernetes } from './kubernetes.ts';
import {
  metadata,
  startFakeApiServer,
  status,
  type FakeApiServer,
  type Reply,
} from './testing/fake-api-server.ts';

describe('the Kubernetes API', () => {
  let server: FakeApiServer;
  let cluster: Kubernetes;

  beforeEach(async () => {
    server = await startFakeApiServer();
    cluster = kubernetesApi(server.call, 2);
  });
  afterEach(() => server.stop());

  const page = (names: string[], next?: string): Reply => ({
    body: {
      kind: 'PartialObjectMetadataList',
      metadata: { continue: next },
      items: names.map((name) => ({ metadata: { namespace: 'blue', name } })),
    },
  });
  const listed = async () => {
    const names: (string | null | undefined)[] = [];
    for await (const { name } of cluster.managedSecrets()) names.push(name);
    return names;
  };

  it('lists metadata, page by page, and never asks for data', async () => {
    server.replies = [page(['a', 'b'], 'more'), page(['c'])];
    expect(await listed()).toEqual(['a', 'b', 'c']);
    expect(server.seen.map(({ url }) => url.searchParams.get('continue'))).toEqual([null, 'more']);
    for (const { accept, url } of server.seen) {
      expect(accept).toContain('as=PartialObjectMetadataList');
      expect(url.searchParams.get('labelSelector')).toBe('ecr-anywhere.centml.ai/managed=true');
    }
  });

  it('goes on with the token that the API server offers when one has become too old', async () => {
    server.replies = [
      page(['a', 'b'], 'old'),
      { status: 410, body: { kind: 'Status', metadata: { continue: 'offered' } } },
      page(['c']),
    ];
    expect(await listed()).toEqual(['a', 'b', 'c']);
    expect(server.seen.at(-1)?.url.searchParams.get('continue')).toBe('offered');
  });

  it('begins anew where none is offered, and tells nothing twice', async () => {
    server.replies = [page(['a', 'b'], 'old'), status(410, 'too old'), page(['a', 'b'], 'new'), page(['c'])];
    expect(await listed()).toEqual(['a', 'b', 'c']);
  });

  it('gives up where each page has become too old, instead of asking for ever', async () => {
    server.replies = [
      page(['a'], 'old'),
      ...Array.from({ length: 10 }, () => [status(410, 'old'), page(['a'], 'old')]).flat(),
    ];
    await expect(listed()).rejects.toThrow('its pages expire at once');
    expect(server.seen.length).toBeLessThan(12);
  });

  it('lists nothing where there is nothing: the API server then says null', async () => {
    server.replies = [{ body: { kind: 'PartialObjectMetadataList', metadata: {}, items: null } }];
    expect(await listed()).toEqual([]);
  });

  it('does not take a login page for an empty list, nor its second page', async () => {
    const login: Reply = { body: '<html>Please log in</html>' };
    server.replies = Array.from({ length: 6 }, () => login);
    await expect(listed()).rejects.toThrow('something that is not Kubernetes answered, with 200');
    server.replies = [page(['a', 'b'], 'more'), ...Array.from({ length: 6 }, () => login)];
    await expect(listed()).rejects.toThrow('something that is not Kubernetes');
  }, 20_000);

  it('patches one annotation, and gets metadata back', async () => {
    server.replies = [metadata({ name: 'pull' })];
    expect(await cluster.mark({ namespace: 'blue', name: 'pull' }, '2026-01-02T03:04:05.678Z')).toEqual({
      name: 'pull',
    });
    expect(server.seen[0]).toMatchObject({
      method: 'PATCH',
      type: 'application/merge-patch+json',
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    });
    expect(JSON.parse(server.seen[0]!.body)).toEqual({
      metadata: {
        annotations: { 'ecr-anywhere.centml.ai/marked_for_update_at': '2026-01-02T03:04:05.678Z' },
      },
    });
  });

  it('knows a namespace that is not there', async () => {
    server.replies = [status(404, 'namespaces "x" not found')];
    expect(await cluster.namespace('x')).toBeUndefined();
  });

  it('finds a namespace by its name in a list, where rights are for lists alone', async () => {
    server.replies = [status(403, 'cannot get resource "namespaces"'), page(['x'])];
    expect(await cluster.namespace('x')).toMatchObject({ name: 'x' });
    expect(server.seen[1]?.url.pathname).toBe('/api/v1/namespaces');
    expect(server.seen[1]?.url.searchParams.get('fieldSelector')).toBe('metadata.name=x');
    server.replies = [status(403, 'cannot get resource "namespaces"'), page([])];
    expect(await cluster.namespace('y')).toBeUndefined();
  });

  it('says that a namespace may not be had where it may not be listed either', async () => {
    server.replies = [status(403, 'cannot get resource "namespaces"'), status(403, 'cannot list')];
    await expect(cluster.namespace('x')).rejects.toThrow('cannot get resource "namespaces"');
  });
});
