import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { patchType } from './testing/api-client.ts';
import { refusal, secret, startTestCluster, type TestCluster } from './testing/test-cluster.ts';
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
  const patch = (body: unknown, kind: Parameters<typeof patchType>[0] = 'merge') =>
    cluster.call('PATCH', one, body, patchType(kind));

  const MODIFIED = {
    status: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on secrets "one": the object has been modified; please apply your changes to the latest version and try again',
  };

  it('a replace leaves nothing of what was there but uid and time', async () => {
    const before = await read();
    const { status, body } = await cluster.call('PUT', one, secret('one', { data: { b: 'Qg==' } }));
    expect(status).toBe(200);
    expect(body.data).toEqual({ b: 'Qg==' });
    expect(body.metadata).not.toHaveProperty('labels');
    expect(body.metadata.uid).toBe(before.metadata.uid);
    expect(body.metadata.creationTimestamp).toBe(before.metadata.creationTimestamp);
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(Number(before.metadata.resourceVersion));
  });

  it('a replace of an older version is refused, one without a version is not', async () => {
    const old = await read();
    await patch({ metadata: { labels: { l: '2' } } });
    expect(refusal(await cluster.call('PUT', one, old))).toEqual(MODIFIED);
    expect((await cluster.call('PUT', one, secret('one'))).status).toBe(200);
  });

  it('a patch may name the version that it is for', async () => {
    const { metadata } = await read();
    const given = (resourceVersion?: string) => patch({ metadata: { resourceVersion, labels: { l: '3' } } });
    expect(refusal(await given('1'))).toEqual(MODIFIED);
    expect((await given(metadata.resourceVersion)).status).toBe(200);
  });

  it('what changes nothing leaves the version as it is', async () => {
    const { metadata } = await read();
    const unchanged = [
      await patch({}),
      await patch({ data: { a: 'QQ==' }, metadata: { finalizers: [] } }),
      await patch([{ op: 'replace', path: '/data/a', value: 'QQ==' }], 'json'),
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

  it('a merge patch takes away what is null', async () => {
    const { body } = await patch({ data: { a: null, b: 'Qg==' }, metadata: { labels: null } });
    expect(body.data).toEqual({ b: 'Qg==' });
    expect(body.metadata).not.toHaveProperty('labels');
  });

  it('a strategic merge patch adds finalizers, and does with maps as a merge patch', async () => {
    await patch({ metadata: { finalizers: ['example.com/b'] } });
    const { body } = await patch(
      { metadata: { finalizers: ['example.com/c'], labels: { l: null } }, data: { b: 'Qg==' } },
      'strategic',
    );
    expect(body.metadata.finalizers).toEqual(['example.com/c', 'example.com/b']);
    expect(body.metadata).not.toHaveProperty('labels');
    expect(body.data).toEqual({ a: 'QQ==', b: 'Qg==' });
    await patch({ metadata: { finalizers: null } });
  });

  it('a JSON patch is applied as a whole', async () => {
    const { body } = await patch(
      [
        { op: 'test', path: '/metadata/labels/l', value: '1' },
        { op: 'add', path: '/metadata/annotations', value: { 'a.b/c': 'x' } },
        { op: 'copy', from: '/metadata/annotations/a.b~1c', path: '/metadata/labels/copied' },
        { op: 'remove', path: '/data/a' },
      ],
      'json',
    );
    expect(body.metadata).toMatchObject({ annotations: { 'a.b/c': 'x' }, labels: { copied: 'x', l: '1' } });
    expect(body).not.toHaveProperty('data');
  });

  it('a JSON patch may replace what is not there, as the library of the API server has it', async () => {
    const { status, body } = await patch([{ op: 'replace', path: '/data/none', value: 'QQ==' }], 'json');
    expect([status, body.data]).toEqual([200, { a: 'QQ==', none: 'QQ==' }]);
  });

  it.each([
    [{ op: 'test', path: '/metadata/name', value: 'two' }],
    [{ op: 'remove', path: '/data/none' }],
    [{ op: 'replace', path: '/none/none', value: 'x' }],
    [{ op: 'add', path: '/metadata/finalizers/1', value: 'x' }],
    [{ op: 'add', path: '/none/none', value: 'x' }],
    [{ op: 'move', from: '/data/none', path: '/data/b' }],
    [{ op: 'zap', path: '/data' }],
    [{ op: 'add', path: 'data', value: 'x' }],
    [{ path: '/data' }],
  ])('the JSON patch %j does not apply, and nobody is told why', async (operation) => {
    expect(refusal(await patch([operation], 'json'))).toEqual({
      status: 422,
      reason: 'Invalid',
      message: 'the server rejected our request due to an error in our request',
    });
  });

  it.each([
    [
      'merge',
      '[]',
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    ],
    ['merge', 'null', 'Invalid JSON Patch'],
    ['merge', 'hello', "error decoding patch: invalid character 'h' looking for beginning of value"],
    [
      'json',
      '{}',
      'error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    ],
    ['strategic', '', 'unexpected end of JSON input'],
  ] as const)('a %s patch of %j is refused', async (kind, text, message) => {
    expect(refusal(await patch(text, kind))).toEqual({ status: 400, reason: 'BadRequest', message });
  });

  it('a patch of no known kind is refused', async () => {
    const { status, body } = await cluster.call('PATCH', one, {}, { 'content-type': 'application/json' });
    expect([status, body.reason, body.message]).toEqual([
      415,
      'UnsupportedMediaType',
      '415: Unsupported Media Type',
    ]);
  });

  it.each([
    [{ type: 'example.com/other' }, 'type: Invalid value: "example.com/other": field is immutable'],
    [
      { metadata: { uid: '00000000-0000-0000-0000-000000000000' } },
      'metadata.uid: Invalid value: "00000000-0000-0000-0000-000000000000": field is immutable',
    ],
    [
      { metadata: { finalizers: ['nope'] } },
      'metadata.finalizers[0]: Invalid value: "nope": name is neither a standard finalizer name nor is it fully qualified',
    ],
  ])('%j is refused', async (change, why) => {
    const { status, body } = await patch(change);
    expect([status, body.message]).toEqual([422, `Secret "one" is invalid: ${why}`]);
  });

  it('names cannot be changed', async () => {
    expect((await patch({ metadata: { name: 'two' } })).body.message).toBe(
      'the name of the object (two) does not match the name on the URL (one)',
    );
    expect((await cluster.call('PUT', one, {})).body.message).toBe(
      'the name of the object (one based on URL) was undeterminable: name must be provided',
    );
  });

  it('an immutable one keeps its data, and stays immutable', async () => {
    await patch({ immutable: true });
    const frozen = 'field is immutable when `immutable` is set';
    expect((await patch({ data: { b: 'Qg==' } })).body.message).toBe(
      `Secret "one" is invalid: data: Forbidden: ${frozen}`,
    );
    expect((await patch({ immutable: false })).body.message).toBe(
      `Secret "one" is invalid: immutable: Forbidden: ${frozen}`,
    );
    expect((await patch({ metadata: { labels: { l: '2' } } })).status).toBe(200);
  });

  it('one that is not there is not found, whatever the namespace', async () => {
    const missing = { status: 404, reason: 'NotFound', message: 'secrets "one" not found' };
    const elsewhere = '/api/v1/namespaces/no-such-namespace/secrets/one';
    expect(refusal(await cluster.call('PATCH', elsewhere, {}))).toEqual(missing);
    expect(refusal(await cluster.call('PUT', elsewhere, secret('one')))).toEqual(missing);
    expect(refusal(await cluster.call('GET', elsewhere))).toEqual(missing);
  });

  describe('while somebody else changes it', () => {
    let webhook: TestWebhook;

    beforeAll(async () => {
      webhook = await startTestWebhook();
    });
    afterAll(() => webhook.stop());

    /** The other one is quicker than the webhook's first answer. */
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

    it('a patch is applied anew, and the webhook asked again about the result', async () => {
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

    it('a replace without a version is made anew, one with a version refused', async () => {
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
