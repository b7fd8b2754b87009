import {
  metadata,
  startFakeApiServer,
  status,
  type FakeApiServer,
  type Reply,
} from '@ecr-anywhere/kubernetes/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LABELS } from '@ecr-anywhere/secret-scan';
import { kubernetesApi } from './cluster-api.ts';
import type { Kubernetes } from './cluster.ts';

const PULL = { namespace: 'blue', name: 'pull' };
const MANAGED = { [LABELS.managed]: 'true' };

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
      items: names.map((name) => ({ metadata: { namespace: 'blue', name, labels: MANAGED } })),
    },
  });
  const namespaces = (...names: string[]): Reply => ({
    body: {
      kind: 'PartialObjectMetadataList',
      items: names.map((name) => ({ metadata: { name } })),
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

  it('does not care in which order Secrets come', async () => {
    server.replies = [page(['c', 'a'], 'more'), page(['b'])];
    expect(await listed()).toEqual(['c', 'a', 'b']);
  });

  it('begins anew where a page has expired, and passes over what it has seen', async () => {
    // Over kine, what was written meanwhile has moved to the end: the token that is offered would skip it.
    server.replies = [
      page(['c', 'a'], 'old'),
      { status: 410, body: { kind: 'Status', metadata: { continue: 'offered' } } },
      page(['b', 'c'], 'new'),
      page(['a']),
    ];
    expect(await listed()).toEqual(['c', 'a', 'b']);
    expect(server.seen.map(({ url }) => url.searchParams.get('continue'))).toEqual([
      null,
      'old',
      null,
      'new',
    ]);
  });

  it('takes a Secret that was deleted and created anew for another one', async () => {
    const named = (uid: string, next?: string): Reply => ({
      body: {
        kind: 'PartialObjectMetadataList',
        metadata: { continue: next },
        items: [{ metadata: { namespace: 'blue', name: 'a', uid, labels: MANAGED } }],
      },
    });
    server.replies = [named('1', 'old'), status(410, 'too old'), named('2')];
    expect(await listed()).toEqual(['a', 'a']);
  });

  it('gives up where each page has become too old, instead of asking for ever', async () => {
    server.replies = [
      page(['a'], 'old'),
      ...Array.from({ length: 10 }, () => [status(410, 'old'), page(['a'], 'old')]).flat(),
    ];
    await expect(listed()).rejects.toThrow('its pages expire too soon');
    expect(server.seen.length).toBeLessThan(12);
  });

  it.each<[string, Reply[]]>([
    ['a page names itself as the next one', [page(['a'], 'x'), page(['b'], 'x'), page(['b'], 'x')]],
    [
      'pages go round in a circle',
      Array.from({ length: 20 }, () => [page(['a'], 'x'), page(['b'], 'y'), page(['c'], 'z')]).flat(),
    ],
    ['three pages in a row hold nothing', [page([], 'x'), page([], 'y'), page([], 'z'), page([], 'w')]],
  ])('gives up where %s', async (_, replies) => {
    server.replies = replies;
    await expect(listed()).rejects.toThrow(
      /cannot list \/api\/v1\/secrets: (a page names one|3 pages in a row)/,
    );
    expect(server.seen.length).toBeLessThan(10);
  });

  it('takes pages of Secrets that it has seen before it began anew for no empty ones', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `s${index}`);
    const pages = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        page(names.slice(2 * index, 2 * index + 2), index < 5 ? `t${index}` : undefined),
      );
    server.replies = [...pages(5), status(410, 'too old'), ...pages(6)];
    expect(await listed()).toEqual(names);
  });

  it.each<[string, unknown]>([
    ['a Status of failure', { kind: 'Status', status: 'Failure', message: 'something went wrong' }],
    ['items that are no list', { kind: 'PartialObjectMetadataList', items: {} }],
    ['no items', { kind: 'PartialObjectMetadataList' }],
    ['an item that is null', { kind: 'PartialObjectMetadataList', items: [null] }],
    ['an item without metadata', { kind: 'PartialObjectMetadataList', items: [{}] }],
    ['an item without a name', { kind: 'PartialObjectMetadataList', items: [{ metadata: { name: null } }] }],
    [
      'a continue that is no text',
      { kind: 'PartialObjectMetadataList', metadata: { continue: 7 }, items: [] },
    ],
  ])('does not take %s for an empty list', async (_, body) => {
    server.replies = [{ body }];
    await expect(listed()).rejects.toThrow(
      /^the API server's answer for \/api\/v1\/secrets cannot be used: (expected a PartialObjectMetadataList, not Status|its "|it holds an object without a name)/,
    );
  });

  it('does not take a Status for the Secret that it has marked', async () => {
    server.replies = [{ body: { kind: 'Status', status: 'Success' } }];
    await expect(cluster.mark(PULL, 'x')).rejects.toThrow('expected a PartialObjectMetadata, not Status');
  });

  it.each<[string, object]>([
    ['another name', { ...PULL, name: 'other' }],
    ['another namespace', { ...PULL, namespace: 'red' }],
    ['no namespace', { name: 'pull' }],
  ])('does not take a Secret with %s for the one that it has marked', async (_, answered) => {
    server.replies = [metadata(answered)];
    await expect(cluster.mark(PULL, 'x')).rejects.toMatchObject({
      failure: 'unavailable',
      message: expect.stringContaining('/api/v1/namespaces/blue/secrets/pull cannot be used: it holds a'),
    });
  });

  it('does not take another namespace for the one that it has asked for, whichever way', async () => {
    server.replies = [metadata({ name: 'y' })];
    await expect(cluster.namespace('x')).rejects.toThrow('it holds another object, y');
    server.replies = [status(403, 'cannot get resource "namespaces"'), namespaces('y')];
    await expect(cluster.namespace('x')).rejects.toThrow('it holds another object, y');
  });

  it.each<[string, object, string | undefined]>([
    ['without a namespace', { name: 'a', labels: MANAGED }, undefined],
    ['of another namespace', { namespace: 'red', name: 'a', labels: MANAGED }, 'blue'],
    ['that is not managed', { namespace: 'blue', name: 'a' }, undefined],
  ])('ends its list of Secrets at one %s, on a later page, too', async (_, item, namespace) => {
    const wrong: Reply = { body: { kind: 'PartialObjectMetadataList', items: [{ metadata: item }] } };
    for (const replies of [[wrong], [page(['b'], 'more'), wrong]]) {
      server.replies = replies;
      const all = async () => {
        for await (const _secret of cluster.managedSecrets(namespace));
      };
      await expect(all()).rejects.toThrow(/cannot be used: it holds /);
    }
  });

  it('does not take a namespace for enabled that has no such label', async () => {
    server.replies = [namespaces('blue')];
    await expect(cluster.enabledNamespaces()[Symbol.asyncIterator]().next()).rejects.toThrow(
      'it holds blue, which the selector leaves out',
    );
  });

  it('marks without a change with a dry run', async () => {
    server.replies = [metadata(PULL)];
    await cluster.mark(PULL, 'x', { dryRun: true });
    expect(server.seen[0]?.url.search).toBe('?dryRun=All');
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

  it('patches one annotation, and gets metadata and warnings back', async () => {
    const body = { kind: 'PartialObjectMetadata', metadata: PULL };
    server.replies = [{ headers: { warning: '299 - "by the way"' }, body }];
    expect(await cluster.mark(PULL, '2026-01-02T03:04:05.678Z')).toEqual({
      metadata: PULL,
      warnings: ['by the way'],
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
    server.replies = [status(403, 'cannot get resource "namespaces"'), namespaces('x')];
    expect(await cluster.namespace('x')).toMatchObject({ name: 'x' });
    expect(server.seen[1]?.url.pathname).toBe('/api/v1/namespaces');
    expect(server.seen[1]?.url.searchParams.get('fieldSelector')).toBe('metadata.name=x');
    server.replies = [status(403, 'cannot get resource "namespaces"'), namespaces()];
    expect(await cluster.namespace('y')).toBeUndefined();
  });

  it('says that a namespace may not be had where it may not be listed either', async () => {
    server.replies = [status(403, 'cannot get resource "namespaces"'), status(403, 'cannot list')];
    await expect(cluster.namespace('x')).rejects.toThrow('cannot get resource "namespaces"');
  });
});
