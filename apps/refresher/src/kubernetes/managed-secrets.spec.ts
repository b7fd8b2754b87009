import {
  metadata,
  startFakeApiServer,
  status,
  type FakeApiServer,
  type Reply,
} from '@ecr-anywhere/kubernetes/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ANNOTATIONS, LABELS } from '@ecr-anywhere/secret-scan';
import { managedSecretsApi, type ManagedSecrets } from './managed-secrets.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const PULL = { namespace: 'blue', name: 'pull' };
const MANAGED = { [LABELS.managed]: 'true' };

describe('the managed Secrets of a cluster', () => {
  let server: FakeApiServer;
  let secrets: ManagedSecrets;

  beforeEach(async () => {
    server = await startFakeApiServer();
    secrets = managedSecretsApi(server.call, 2);
  });
  afterEach(() => server.stop());

  const page = (names: string[], next?: string): Reply => ({
    body: {
      kind: 'PartialObjectMetadataList',
      metadata: { continue: next },
      items: names.map((name) => ({ metadata: { namespace: 'blue', name, labels: MANAGED } })),
    },
  });
  const listed = async () => {
    const names: (string | null | undefined)[] = [];
    for await (const { name } of secrets.listManagedSecrets()) names.push(name);
    return names;
  };

  it('are listed page by page, as metadata without data', async () => {
    server.replies = [page(['a', 'b'], 'more'), page(['c'])];
    expect(await listed()).toEqual(['a', 'b', 'c']);
    expect(server.seen.map(({ url }) => url.searchParams.get('continue'))).toEqual([null, 'more']);
    for (const { accept, url } of server.seen) {
      expect(accept).toContain('as=PartialObjectMetadataList');
      expect(url.searchParams.get('labelSelector')).toBe('ecr-anywhere.centml.ai/managed=true');
    }
  });

  describe('that have one of a few names', () => {
    const named = (name: string, namespace = 'blue'): Reply => ({
      body: {
        kind: 'PartialObjectMetadataList',
        items: [{ metadata: { namespace, name, labels: MANAGED } }],
      },
    });
    const places = async (namespace?: string) => {
      const found: string[] = [];
      const { listManagedSecrets } = managedSecretsApi(server.call, 2, ['pull', 'other']);
      for await (const secret of listManagedSecrets(namespace))
        found.push(`${secret.namespace}/${secret.name}`);
      return found;
    };

    it('are listed with one list for each name, cluster-wide', async () => {
      server.replies = [named('pull', 'red'), named('other')];
      expect(await places()).toEqual(['red/pull', 'blue/other']);
      expect(server.seen.map(({ url }) => [url.pathname, url.searchParams.get('fieldSelector')])).toEqual([
        ['/api/v1/secrets', 'metadata.name=pull'],
        ['/api/v1/secrets', 'metadata.name=other'],
      ]);
    });

    it('are listed with one list for each name in a namespace', async () => {
      server.replies = [named('pull'), named('other')];
      expect(await places('blue')).toEqual(['blue/pull', 'blue/other']);
      expect(server.seen.map(({ url }) => url.pathname)).toEqual(
        Array.from({ length: 2 }, () => '/api/v1/namespaces/blue/secrets'),
      );
    });

    it('cannot be listed if an answer has another name', async () => {
      server.replies = [named('third'), named('other')];
      await expect(places()).rejects.toThrow('it contains another object, third');
    });

    it('still come if the list of another name is forbidden, and the list fails at its end', async () => {
      server.replies = [status(403, 'secrets "pull" is forbidden'), named('other')];
      const found: string[] = [];
      const drain = async () => {
        const { listManagedSecrets } = managedSecretsApi(server.call, 2, ['pull', 'other']);
        for await (const { name } of listManagedSecrets()) found.push(name);
      };
      await expect(drain()).rejects.toMatchObject({ failure: 'forbidden' });
      expect(found).toEqual(['other']);
    });
  });

  it('may come in any order', async () => {
    server.replies = [page(['c', 'a'], 'more'), page(['b'])];
    expect(await listed()).toEqual(['c', 'a', 'b']);
  });

  it('are listed from the start again if a page token has expired, and each comes once', async () => {
    // kine moves a Secret to the end when it is written. The offered token would skip such a Secret.
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

  it('come twice if they were deleted and created again meanwhile', async () => {
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

  it('cannot be listed if every page token expires: the list does not start again for ever', async () => {
    server.replies = [
      page(['a'], 'old'),
      ...Array.from({ length: 10 }, () => [status(410, 'old'), page(['a'], 'old')]).flat(),
    ];
    await expect(listed()).rejects.toThrow('its pages expire too soon');
    expect(server.seen.length).toBeLessThan(12);
  });

  it.each<[string, Reply[]]>([
    ['a page has its own token as the next one', [page(['a'], 'x'), page(['b'], 'x'), page(['b'], 'x')]],
    [
      'the page tokens form a circle',
      Array.from({ length: 20 }, () => [page(['a'], 'x'), page(['b'], 'y'), page(['c'], 'z')]).flat(),
    ],
    ['three pages in a row are empty', [page([], 'x'), page([], 'y'), page([], 'z'), page([], 'w')]],
  ])('cannot be listed if %s', async (_, replies) => {
    server.replies = replies;
    await expect(listed()).rejects.toThrow(
      /cannot list \/api\/v1\/secrets: (the page tokens repeat|3 pages in a row)/,
    );
    expect(server.seen.length).toBeLessThan(10);
  });

  it('are all listed if the list starts again after many pages: known Secrets are not empty pages', async () => {
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
    ['items that are not a list', { kind: 'PartialObjectMetadataList', items: {} }],
    ['no items', { kind: 'PartialObjectMetadataList' }],
    ['an item that is null', { kind: 'PartialObjectMetadataList', items: [null] }],
    ['an item without metadata', { kind: 'PartialObjectMetadataList', items: [{}] }],
    ['an item without a name', { kind: 'PartialObjectMetadataList', items: [{ metadata: { name: null } }] }],
    [
      'a continue that is not a string',
      { kind: 'PartialObjectMetadataList', metadata: { continue: 7 }, items: [] },
    ],
  ])('cannot be listed if the answer is %s: it is not an empty list', async (_, body) => {
    server.replies = [{ body }];
    await expect(listed()).rejects.toThrow(
      /^the API server's answer for \/api\/v1\/secrets cannot be used: (expected a PartialObjectMetadataList, not Status|its "|it contains an object without a name)/,
    );
  });

  it('are not marked if the answer is a Status', async () => {
    server.replies = [{ body: { kind: 'Status', status: 'Success' } }];
    await expect(secrets.markSecret(PULL, NOW)).rejects.toThrow(
      'expected a PartialObjectMetadata, not Status',
    );
  });

  it.each<[string, object]>([
    ['another name', { ...PULL, name: 'other' }],
    ['another namespace', { ...PULL, namespace: 'red' }],
    ['no namespace', { name: 'pull' }],
  ])('are not marked if the answer is a Secret with %s', async (_, answered) => {
    server.replies = [metadata(answered)];
    await expect(secrets.markSecret(PULL, NOW)).rejects.toMatchObject({
      failure: 'unavailable',
      message: expect.stringContaining('/api/v1/namespaces/blue/secrets/pull cannot be used: it contains a'),
    });
  });

  it.each<[string, object, string | undefined]>([
    ['without a namespace', { name: 'a', labels: MANAGED }, undefined],
    ['of another namespace', { namespace: 'red', name: 'a', labels: MANAGED }, 'blue'],
    ['that is not managed', { namespace: 'blue', name: 'a' }, undefined],
  ])('cannot be listed if an item is a Secret %s, on any page', async (_, item, namespace) => {
    const wrong: Reply = { body: { kind: 'PartialObjectMetadataList', items: [{ metadata: item }] } };
    for (const replies of [[wrong], [page(['b'], 'more'), wrong]]) {
      server.replies = replies;
      const all = async () => {
        for await (const _secret of secrets.listManagedSecrets(namespace));
      };
      await expect(all()).rejects.toThrow(/cannot be used: it contains /);
    }
  });

  it('are marked with another time if the mark is the same already', async () => {
    server.replies = [metadata(PULL)];
    const annotations = { [ANNOTATIONS.markedForUpdateAt]: new Date(NOW).toISOString() };
    await secrets.markSecret({ ...PULL, annotations }, NOW);
    expect(server.seen[0]?.body).toContain(new Date(NOW + 1).toISOString());
  });

  it('are marked with dryRun=All in a dry run', async () => {
    server.replies = [metadata(PULL)];
    await secrets.markSecret(PULL, NOW, { dryRun: true });
    expect(server.seen[0]?.url.search).toBe('?dryRun=All');
  });

  it('may be none: the API server then answers items: null', async () => {
    server.replies = [{ body: { kind: 'PartialObjectMetadataList', metadata: {}, items: null } }];
    expect(await listed()).toEqual([]);
  });

  it('cannot be listed if a page is the login page of a proxy', async () => {
    const login: Reply = { body: '<html>Please log in</html>' };
    server.replies = Array.from({ length: 6 }, () => login);
    await expect(listed()).rejects.toThrow('something that is not Kubernetes answered with status 200');
    server.replies = [page(['a', 'b'], 'more'), ...Array.from({ length: 6 }, () => login)];
    await expect(listed()).rejects.toThrow('something that is not Kubernetes');
  });

  it('are marked with a patch of one annotation; the answer is metadata and warnings', async () => {
    const body = { kind: 'PartialObjectMetadata', metadata: PULL };
    server.replies = [{ headers: { warning: '299 - "by the way"' }, body }];
    expect(await secrets.markSecret(PULL, NOW)).toEqual({
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
});
