import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmbeddedCluster } from './start-embedded-cluster.ts';
import { ApiClient, type ApiAnswer } from './testing/api-client.ts';
import { failure, secret, startTestCluster, type TestCluster } from './testing/test-cluster.ts';

const METADATA_ONLY = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' };

describe('listing Secrets', () => {
  let cluster: TestCluster;
  let secrets: string;

  beforeAll(async () => {
    cluster = await startTestCluster();
    secrets = await cluster.namespace();
    for (const [name, labels, type] of [
      ['a', { tier: 'front', env: 'prod' }, 'Opaque'],
      ['b', { tier: 'back' }, 'example.com/own'],
      ['c', {}, 'Opaque'],
      ['d', { tier: 'front', env: '' }, 'Opaque'],
      ['e', {}, 'Opaque'],
    ] as const)
      await cluster.call('POST', secrets, secret(name, { type, data: { k: 'QQ==' } }, { labels }));
  });
  afterAll(() => cluster.stop());

  const list = (query: Record<string, string> = {}, headers = {}, path = secrets) =>
    cluster.call('GET', `${path}?${new URLSearchParams(query)}`, undefined, headers);
  const names = ({ body }: ApiAnswer) => body.items.map(({ metadata }) => metadata.name).join('');

  it.each([
    ['', 'abcde'],
    ['tier=front', 'ad'],
    ['tier==front,env', 'ad'],
    ['tier!=front', 'bce'],
    ['tier in (front, back)', 'abd'],
    ['tier notin (front)', 'bce'],
    ['!tier', 'ce'],
    ['env=', 'd'],
    ['env in ()', 'd'],
    [' tier = front , !other ', 'ad'],
  ])('selects by the label selector "%s"', async (labelSelector, expected) => {
    expect(names(await list({ labelSelector }))).toBe(expected);
  });

  it.each([
    ['metadata.name=c', 'c'],
    ['metadata.name!=c', 'abde'],
    ['type=example.com/own', 'b'],
    ['type!=example.com/own,metadata.name!=a', 'cde'],
  ])('selects by the field selector "%s"', async (fieldSelector, expected) => {
    expect(names(await list({ fieldSelector }))).toBe(expected);
  });

  it.each([
    [{ labelSelector: 'a===b' }],
    [{ labelSelector: 'a in' }],
    [{ labelSelector: 'a=b c' }],
    [{ fieldSelector: 'data=x' }],
    [{ fieldSelector: 'x' }],
    [{ limit: 'x' }],
    [{ continue: '!!!' }],
  ])('refuses %j', async (query) => {
    expect(failure(await list(query))).toEqual([400, 'BadRequest']);
  });

  it('the list has a kind, and its items have none', async () => {
    const { body } = await list({ fieldSelector: 'metadata.name=a' });
    expect(body).toMatchObject({ kind: 'SecretList', apiVersion: 'v1' });
    expect(body.items[0]).toMatchObject({ data: { k: 'QQ==' }, type: 'Opaque' });
    expect(body.items[0]).not.toHaveProperty('kind');
  });

  it('answers with metadata only if the client asks for it', async () => {
    const { body } = await list({ labelSelector: 'tier=back' }, METADATA_ONLY);
    expect(body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' });
    expect(Object.keys(body.items[0] ?? {}).sort()).not.toContain('data');
    expect(body.items[0]?.metadata).toMatchObject({ name: 'b', labels: { tier: 'back' } });
    expect((await list({ labelSelector: 'none' }, METADATA_ONLY)).body.items).toBeNull();
    const one = await cluster.call('GET', `${secrets}/a`, undefined, {
      accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    });
    expect(one.body.kind).toBe('PartialObjectMetadata');
    expect(one.text).not.toContain('QQ==');
  });

  it('has pages, with the number of remaining objects if there is no selector', async () => {
    const first = await list({ limit: '2' });
    expect(names(first)).toBe('ab');
    expect(first.body.metadata.remainingItemCount).toBe(3);
    const second = await list({ limit: '2', continue: first.body.metadata.continue ?? '' });
    expect(names(second)).toBe('cd');
    const third = await list({ limit: '2', continue: second.body.metadata.continue ?? '' });
    expect(names(third)).toBe('e');
    expect(third.body.metadata).not.toHaveProperty('continue');
    expect(new Set([first, second, third].map(({ body }) => body.metadata.resourceVersion)).size).toBe(1);
    const filtered = await list({ limit: '1', labelSelector: 'tier' });
    expect(filtered.body.metadata).not.toHaveProperty('remainingItemCount');
  });

  it('has a next page if more objects follow, even if none of them matches', async () => {
    const first = await list({ limit: '2', labelSelector: 'tier=front' });
    expect(names(first)).toBe('ad');
    const { continue: token = '' } = first.body.metadata;
    expect(token).not.toBe('');
    expect(names(await list({ limit: '2', labelSelector: 'tier=front', continue: token }))).toBe('');
  });

  it('shows the same revision on all pages, even if Secrets are written in the meantime', async () => {
    const path = await cluster.namespace();
    for (const name of ['a', 'b', 'c']) await cluster.call('POST', path, secret(name));
    const first = await list({ limit: '1' }, {}, path);
    await cluster.call('POST', path, secret('b2'));
    await cluster.call('DELETE', `${path}/b`);
    await cluster.call('PATCH', `${path}/c`, { metadata: { labels: { changed: 'yes' } } });
    const rest = await list({ continue: first.body.metadata.continue ?? '' }, {}, path);
    expect(names(rest)).toBe('bc');
    expect(rest.body.items[1]?.metadata).not.toHaveProperty('labels');
  });

  it('lists all namespaces if the path names none', async () => {
    const everywhere = await list({ labelSelector: 'tier=back' }, {}, '/api/v1/secrets');
    const own = everywhere.body.items.filter(({ metadata }) => secrets.includes(`/${metadata.namespace}/`));
    expect(own.map(({ metadata }) => metadata.name)).toEqual(['b']);
  });
});

describe('a continue token that is too old', () => {
  it('is refused with another token, which continues the list at the current revision', async () => {
    const cluster = await startEmbeddedCluster();
    const { call, close } = new ApiClient(cluster);
    const path = '/api/v1/namespaces/default/secrets';
    for (const name of ['a', 'b', 'c']) await call('POST', path, secret(name));
    const { body: first } = await call('GET', `${path}?limit=1`);
    await call('DELETE', `${path}/b`);
    // The cluster keeps a limited number of revisions.
    for (let turn = 0; turn < 20; turn++) {
      await call('GET', `${path}?limit=1`);
      await call('PATCH', `${path}/c`, { metadata: { labels: { turn: String(turn) } } });
    }
    const expired = await call('GET', `${path}?limit=1&continue=${first.metadata.continue}`);
    expect([expired.status, expired.body.reason]).toEqual([410, 'Expired']);
    const rest = await call('GET', `${path}?continue=${expired.body.metadata.continue}`);
    expect(rest.body.items.map(({ metadata }) => metadata.name)).toEqual(['c']);
    await close();
    await cluster.stop();
  });
});
