import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { JSON_PATCH } from './testing/api-client.ts';
import { failure, secret, startTestCluster, type TestCluster } from './testing/test-cluster.ts';
import { startTestWebhook, type TestWebhook } from './testing/test-webhook.ts';

describe('changing a Secret', () => {
  let cluster: TestCluster;
  let one: string;

  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  beforeEach(async () => {
    const secrets = await cluster.namespace();
    one = `${secrets}/one`;
    await cluster.call('POST', secrets, secret('one', { data: { a: 'QQ==' } }, { labels: { l: '1' } }));
  });
  afterAll(() => cluster.stop());

  const read = async () => (await cluster.call('GET', one)).body;
  const patch = (body: unknown) => cluster.call('PATCH', one, body);
  const jsonPatch = (body: unknown) => cluster.call('PATCH', one, body, JSON_PATCH);
  const CONFLICT = [409, 'Conflict'];

  it('a replace keeps only uid and creationTimestamp', async () => {
    const before = await read();
    const { status, body } = await cluster.call('PUT', one, secret('one', { data: { b: 'Qg==' } }));
    expect(status).toBe(200);
    expect(body.data).toEqual({ b: 'Qg==' });
    expect(body.metadata).not.toHaveProperty('labels');
    expect(body.metadata.uid).toBe(before.metadata.uid);
    expect(body.metadata.creationTimestamp).toBe(before.metadata.creationTimestamp);
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion));
  });

  it('a replace with an old resourceVersion is refused, one without a resourceVersion is not', async () => {
    const old = await read();
    await patch({ metadata: { labels: { l: '2' } } });
    expect(failure(await cluster.call('PUT', one, old))).toEqual(CONFLICT);
    expect((await cluster.call('PUT', one, secret('one'))).status).toBe(200);
  });

  it('a patch with an old resourceVersion is refused', async () => {
    const { metadata } = await read();
    const given = (resourceVersion?: string) => patch({ metadata: { resourceVersion, labels: { l: '3' } } });
    expect(failure(await given('1'))).toEqual(CONFLICT);
    expect((await given(metadata.resourceVersion)).status).toBe(200);
  });

  it('a write that changes nothing keeps the resourceVersion', async () => {
    const { metadata } = await read();
    const unchanged = [
      await patch({}),
      await patch({ data: { a: 'QQ==' }, metadata: { finalizers: [] } }),
      await jsonPatch([{ op: 'replace', path: '/data/a', value: 'QQ==' }]),
    ];
    expect(unchanged.map(({ body }) => body.metadata.resourceVersion)).toEqual(
      unchanged.map(() => metadata.resourceVersion),
    );
  });

  it('a dry run changes nothing', async () => {
    const before = await read();
    const { body } = await cluster.call('PATCH', `${one}?dryRun=All`, { data: { z: 'QQ==' } });
    expect(body.data).toEqual({ a: 'QQ==', z: 'QQ==' });
    expect(body.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    expect(await read()).toEqual(before);
  });

  it('a merge patch removes fields that are null', async () => {
    const { body } = await patch({ data: { a: null, b: 'Qg==' }, metadata: { labels: null } });
    expect(body.data).toEqual({ b: 'Qg==' });
    expect(body.metadata).not.toHaveProperty('labels');
  });

  it('a JSON patch is applied as a whole', async () => {
    const { body } = await jsonPatch([
      { op: 'test', path: '/metadata/labels/l', value: '1' },
      { op: 'add', path: '/metadata/annotations', value: { 'a.b/c': 'x' } },
      { op: 'copy', from: '/metadata/annotations/a.b~1c', path: '/metadata/labels/copied' },
      { op: 'remove', path: '/data/a' },
    ]);
    expect(body.metadata).toMatchObject({ annotations: { 'a.b/c': 'x' }, labels: { copied: 'x', l: '1' } });
    expect(body).not.toHaveProperty('data');
  });

  it.each([
    [{ op: 'test', path: '/metadata/name', value: 'two' }],
    [{ op: 'remove', path: '/data/none' }],
    [{ op: 'replace', path: '/none/none', value: 'x' }],
    [{ op: 'add', path: '/none/none', value: 'x' }],
    [{ op: 'move', from: '/data/none', path: '/data/b' }],
    [{ op: 'zap', path: '/data' }],
    [{ op: 'add', path: 'data', value: 'x' }],
  ])('the JSON patch %j does not apply', async (operation) => {
    expect(failure(await jsonPatch([operation]))).toEqual([422, 'Invalid']);
  });

  it('a patch that is not JSON is refused, and so is a patch of an unknown type', async () => {
    expect(failure(await patch('hello'))).toEqual([400, 'BadRequest']);
    const unknown = await cluster.call('PATCH', one, {}, { 'content-type': 'application/json' });
    expect(failure(unknown)).toEqual([415, 'UnsupportedMediaType']);
  });

  it('the type cannot be changed', async () => {
    const answer = await patch({ type: 'example.com/other' });
    expect(failure(answer)).toEqual([422, 'Invalid']);
    expect(answer.body.message).toContain('type: Invalid value');
  });

  it('the name cannot be changed', async () => {
    expect(failure(await patch({ metadata: { name: 'two' } }))).toEqual([400, 'BadRequest']);
    expect(failure(await cluster.call('PUT', one, secret('two')))).toEqual([400, 'BadRequest']);
  });

  it('an immutable Secret keeps its data, and stays immutable', async () => {
    await patch({ immutable: true });
    expect(failure(await patch({ data: { b: 'Qg==' } }))).toEqual([422, 'Invalid']);
    expect(failure(await patch({ immutable: false }))).toEqual([422, 'Invalid']);
    expect((await patch({ metadata: { labels: { l: '2' } } })).status).toBe(200);
  });

  it('a Secret that does not exist is not found, in any namespace', async () => {
    const missing = [404, 'NotFound'];
    const elsewhere = '/api/v1/namespaces/no-such-namespace/secrets/one';
    expect(failure(await cluster.call('PATCH', elsewhere, {}))).toEqual(missing);
    expect(failure(await cluster.call('PUT', elsewhere, secret('one')))).toEqual(missing);
    expect(failure(await cluster.call('GET', elsewhere))).toEqual(missing);
  });

  describe('while another client changes it', () => {
    let webhook: TestWebhook;

    beforeAll(async () => {
      webhook = await startTestWebhook();
    });
    afterAll(() => webhook.stop());

    /** The other client's write is stored before the webhook's first answer. */
    const race = async (write: (path: string) => ReturnType<TestCluster['call']>) => {
      const { secrets, remove } = await webhook.register(cluster);
      const raced = `${secrets}/raced`;
      await cluster.call('POST', secrets, secret('raced', {}, { labels: { hook: 'yes' } }));
      let isFirst = true;
      webhook.answer(async (review) => {
        if (isFirst && review.request.object?.metadata.annotations?.['by'] === 'us') {
          isFirst = false;
          await cluster.call('PATCH', raced, { metadata: { annotations: { other: 'quicker' } } });
        }
        return { response: { allowed: true } };
      });
      const answer = await write(raced);
      const reviews = webhook.reviews.filter(
        ({ request }) => request.object?.metadata.annotations?.['by'] === 'us',
      );
      await remove();
      return { answer, reviews };
    };

    it('a patch is applied again, and the webhook is called again with the result', async () => {
      const { answer, reviews } = await race((path) =>
        cluster.call('PATCH', path, { metadata: { annotations: { by: 'us' } } }),
      );
      expect(answer.status).toBe(200);
      expect(answer.body.metadata.annotations).toEqual({ by: 'us', other: 'quicker' });
      expect(reviews.map(({ request }) => request.object?.metadata.annotations?.['other'])).toEqual([
        undefined,
        'quicker',
      ]);
    });

    it('a replace without a resourceVersion is repeated, one with a resourceVersion is refused', async () => {
      const manifest = (path: string, version?: string) =>
        cluster.call(
          'PUT',
          path,
          secret(
            'raced',
            {},
            {
              labels: { hook: 'yes' },
              annotations: { by: 'us' },
              ...(version && { resourceVersion: version }),
            },
          ),
        );
      expect((await race((path) => manifest(path))).answer.status).toBe(200);
      const { answer } = await race(async (path) => {
        const { body } = await cluster.call('GET', path);
        return manifest(path, body.metadata.resourceVersion);
      });
      expect(answer.status).toBe(409);
    });
  });
});
