import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { refusal, secret, startTestCluster, type TestCluster } from './testing/test-cluster.ts';
import { startTestWebhook, type Registration, type TestWebhook } from './testing/test-webhook.ts';

const HOOKED = { labels: { hook: 'yes' } };
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');
const jsonPatch = (...operations: object[]) => ({
  response: { allowed: true, patchType: 'JSONPatch', patch: base64(operations) },
});

describe('a mutating webhook', () => {
  let cluster: TestCluster;
  let webhook: TestWebhook;
  let registration: Registration;
  let secrets: string;

  beforeAll(async () => {
    cluster = await startTestCluster();
    webhook = await startTestWebhook();
    registration = await webhook.register(cluster);
    secrets = registration.secrets;
  });
  beforeEach(() => webhook.answer());
  afterAll(async () => {
    await registration?.remove();
    await webhook?.stop();
    await cluster?.stop();
  });

  let names = 0;
  const fresh = () => `s-${++names}`;
  const create = (name = fresh(), fields = {}, metadata: object = HOOKED) =>
    cluster.call('POST', secrets, secret(name, fields, metadata));

  describe('is asked', () => {
    it('about a new Secret, with what will be stored if nobody changes it', async () => {
      await create('asked', { stringData: { a: 'b' }, data: { c: 'Qw==' } });
      const [review] = webhook.reviews;
      expect(review).toMatchObject({ path: '/review?timeout=10s', apiVersion: 'admission.k8s.io/v1' });
      expect(review?.headers).toMatchObject({
        'content-type': 'application/json',
        accept: 'application/json, */*',
        'user-agent': 'kube-apiserver-admission',
      });
      const resource = { group: '', version: 'v1', resource: 'secrets' };
      const kind = { group: '', version: 'v1', kind: 'Secret' };
      expect(review?.request).toMatchObject({
        kind,
        resource,
        requestKind: kind,
        requestResource: resource,
        name: 'asked',
        operation: 'CREATE',
        dryRun: false,
        oldObject: null,
        options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      });
      const { object } = review?.request ?? {};
      expect(object).toMatchObject({ kind: 'Secret', apiVersion: 'v1', type: 'Opaque' });
      expect(object?.data).toEqual({ a: 'Yg==', c: 'Qw==' });
      expect(object).not.toHaveProperty('stringData');
      expect(object?.metadata).not.toHaveProperty('uid');
    });

    it('before a name is made up', async () => {
      const { body } = await cluster.call('POST', secrets, {
        metadata: { generateName: 'made-', ...HOOKED },
      });
      expect(body.metadata.name).toMatch(/^made-.{5}$/);
      expect(webhook.reviews[0]?.request).not.toHaveProperty('name');
      expect(webhook.reviews[0]?.request.object?.metadata).not.toHaveProperty('name');
    });

    it('about a change, with the Secret as it was', async () => {
      const name = fresh();
      const { body } = await create(name);
      await cluster.call('PATCH', `${secrets}/${name}`, { metadata: { annotations: { a: 'b' } } });
      const { request } = webhook.reviews[1] ?? {};
      expect(request).toMatchObject({ operation: 'UPDATE', options: { kind: 'UpdateOptions' } });
      expect(request?.object?.metadata.annotations).toEqual({ a: 'b' });
      expect(request?.oldObject?.metadata).not.toHaveProperty('annotations');
      expect(request?.object?.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
    });

    it('about a replacement as it was sent: without what the API server knows by itself', async () => {
      const name = fresh();
      await create(name);
      await cluster.call('PUT', `${secrets}/${name}`, secret(name, {}, HOOKED));
      const { request } = webhook.reviews[1] ?? {};
      expect(request?.object?.metadata).not.toHaveProperty('uid');
      expect(request?.oldObject?.metadata.uid).toBeDefined();
    });

    it('about a dry run, and told that it is one', async () => {
      await cluster.call('POST', `${secrets}?dryRun=All`, secret(fresh(), {}, HOOKED));
      expect(webhook.reviews[0]?.request).toMatchObject({ dryRun: true, options: { dryRun: ['All'] } });
    });

    it('about a change that is refused afterwards', async () => {
      const name = fresh();
      await create(name);
      const stale = { metadata: { resourceVersion: '1', annotations: { a: 'b' } } };
      const { status } = await cluster.call('PATCH', `${secrets}/${name}`, stale);
      expect([status, webhook.reviews.length]).toEqual([409, 2]);
      const mistyped = await cluster.call('PATCH', `${secrets}/${name}`, { type: 'example.com/other' });
      expect([mistyped.status, webhook.reviews.length]).toEqual([422, 3]);
    });

    it('as long as the label is on the Secret before or after', async () => {
      const name = fresh();
      await create(name);
      const label = (hook: string | null) =>
        cluster.call('PATCH', `${secrets}/${name}`, { metadata: { labels: { hook } } });
      // A real API server reviews a patch again where its cache was a write behind; what is written is the same then.
      const asked = () => {
        const written = webhook.reviews.map(({ request }) => [
          request.operation,
          request.object?.metadata.labels,
        ]);
        return new Set(written.map((write) => JSON.stringify(write))).size;
      };
      await label(null);
      expect(asked()).toBe(2);
      const before = webhook.reviews.length;
      await cluster.call('PATCH', `${secrets}/${name}`, { metadata: { annotations: { a: 'b' } } });
      expect(webhook.reviews).toHaveLength(before);
      await label('yes');
      expect(asked()).toBe(3);
    });

    it('over one connection where calls follow each other', async () => {
      for (let turn = 0; turn < 5; turn++) await create();
      expect(new Set(webhook.reviews.map(({ connection }) => connection)).size).toBe(1);
    });
  });

  describe('is not asked', () => {
    it('about other Secrets and in other namespaces', async () => {
      await create(fresh(), {}, {});
      await cluster.call('POST', await cluster.namespace(), secret(fresh(), {}, HOOKED));
      expect(webhook.reviews).toEqual([]);
    });

    it('about what cannot be read', async () => {
      expect((await create(fresh(), { data: { a: '!' } })).status).toBe(400);
      expect(webhook.reviews).toEqual([]);
    });
  });

  describe('can', () => {
    it('change the Secret', async () => {
      webhook.answer(() => jsonPatch({ op: 'add', path: '/data', value: { x: 'QQ==' } }));
      const { status, body } = await create();
      expect([status, body.data]).toEqual([201, { x: 'QQ==' }]);
    });

    it('make good what the type would not allow', async () => {
      const filled = base64({ auths: {} });
      const type = 'kubernetes.io/dockerconfigjson';
      webhook.answer(() => jsonPatch({ op: 'add', path: '/data/.dockerconfigjson', value: filled }));
      const { status } = await create(fresh(), { type, data: { '.dockerconfigjson': 'FAKE' } });
      expect(status).toBe(201);
      webhook.answer();
      const unfilled = await create(fresh(), { type, data: { '.dockerconfigjson': 'FAKE' } });
      expect(unfilled.status).toBe(422);
    });

    it('warn, each warning once, and only with what a header can carry', async () => {
      const warnings = ['one', 'one', 'a "b" \\ c', 'line\nbreak', 'é ünï', ''];
      webhook.answer(() => ({ response: { allowed: true, warnings } }));
      const { status, warnings: told } = await create();
      expect([status, told]).toEqual([201, ['one', 'a \\"b\\" \\\\ c', 'é ünï']]);
    });

    it('refuse, in its own words', async () => {
      const status = { code: 503, reason: 'ServiceUnavailable', message: 'try later' };
      webhook.answer(() => ({ response: { allowed: false, status, warnings: ['by the way'] } }));
      const answer = await create();
      expect(refusal(answer)).toEqual({
        status: 503,
        reason: 'ServiceUnavailable',
        message: 'admission webhook "hook.example.com" denied the request: try later',
      });
      expect(answer.warnings).toEqual(['by the way']);
      expect(answer.body).not.toHaveProperty('details');
    });

    it.each([
      [undefined, 400, ' without explanation'],
      [{ reason: 'Invalid' }, 400, ': Invalid'],
      [{ code: 200, message: 'odd' }, 400, ': odd'],
    ])('refuse with the status %j', async (status, code, words) => {
      webhook.answer(() => ({ response: { allowed: false, status } }));
      const answer = await create();
      expect([answer.status, answer.body.message]).toEqual([
        code,
        `admission webhook "hook.example.com" denied the request${words}`,
      ]);
    });

    it('tell clients when to come back', async () => {
      const status = { code: 503, message: 'm', details: { retryAfterSeconds: 1 } };
      webhook.answer(() => ({ response: { allowed: false, status } }));
      expect((await create()).retryAfter).toBe('1');
    });
  });

  describe('fails the write', () => {
    const failing = 'Internal error occurred: failed calling webhook "hook.example.com": ';
    const failure = async () => {
      const { status, body } = await create();
      expect([status, body.reason]).toEqual([500, 'InternalError']);
      expect(body.details).toEqual({
        causes: [{ message: body.message?.replace('Internal error occurred: ', '') }],
      });
      return body.message;
    };

    it.each([
      [
        { uid: 'wrong' },
        /received invalid webhook response: expected response\.uid="[0-9a-f-]+", got "wrong"$/,
      ],
      [
        { patch: base64([]) },
        /received invalid webhook response: webhook returned response\.patch but not response\.patchType$/,
      ],
      [
        { patchType: 'JSONPatch' },
        /received invalid webhook response: webhook returned response\.patchType but not response\.patch$/,
      ],
      [{ patchType: 'Merge', patch: base64([{}]) }, /: unsupported patch type "Merge"$/],
      [
        { patchType: 'JSONPatch', patch: base64({}) },
        /received undecodable patch in webhook response: json: cannot unmarshal object into Go value of type jsonpatch\.Patch$/,
      ],
      [
        { patchType: 'JSONPatch', patch: '!!' },
        /failed to call webhook: illegal base64 data at input byte 0$/,
      ],
    ])('by the answer %j', async (response, words) => {
      webhook.answer(() => ({ response: { allowed: true, ...response } }));
      const message = await failure();
      expect(message).toContain(failing);
      expect(message).toMatch(words);
    });

    it.each([
      [500, 'broken', 'an error on the server ("broken") has prevented the request from succeeding'],
      [503, '', 'the server is currently unable to handle the request'],
      [404, 'x', 'the server could not find the requested resource'],
      [400, 'x', 'the server rejected our request for an unknown reason'],
      [403, 'go away', 'go away'],
      [413, 'x', 'the server responded with the status code 413 but did not return more information'],
      [200, '', '0-length response with status code: 200 and content type: text/plain'],
    ])('by the HTTP status %d with the body "%s"', async (http, body, words) => {
      webhook.answer(() => ({ http, body, headers: { 'content-type': 'text/plain' } }));
      expect(await failure()).toBe(`${failing}failed to call webhook: ${words}`);
    });

    it.each([
      [
        { op: 'replace', path: '/none/none', value: 'x' },
        'replace operation does not apply: doc is missing path: /none/none: missing value',
      ],
      [
        { op: 'remove', path: '/metadata/labels/none' },
        "error in remove for path: '/metadata/labels/none': Unable to remove nonexistent key: none: missing value",
      ],
      [
        { op: 'add', path: '/none/none', value: 'x' },
        'add operation does not apply: doc is missing path: "/none/none": missing value',
      ],
      [{ op: 'test', path: '/type', value: 'x' }, 'testing value /type failed: test failed'],
      [{ op: 'zap', path: '/type' }, 'Unexpected kind: zap'],
      [{ op: 'add', path: '/data', value: { a: '!' } }, 'illegal base64 data at input byte 0'],
      [
        { op: 'add', path: '/type', value: 7 },
        'json: cannot unmarshal number into Go struct field Secret.type of type v1.SecretType',
      ],
    ])('by the patch %j', async (operation, words) => {
      webhook.answer(() => jsonPatch(operation));
      expect(await failure()).toBe(`Internal error occurred: ${words}`);
    });

    it('by a connection that ends', async () => {
      webhook.answer(() => 'reset');
      expect(await failure()).toBe(
        `${failing}failed to call webhook: Post "https://127.0.0.1:${webhook.port}/review?timeout=10s": EOF`,
      );
    });
  });

  it('is asked again when it says so with Retry-After, as any server by client-go', async () => {
    const busy = { http: 503, body: '', headers: { 'retry-after': '0' } };
    webhook.answer(() => (webhook.reviews.length < 3 ? busy : { response: { allowed: true } }));
    expect((await create()).status).toBe(201);
    expect(webhook.reviews).toHaveLength(3);
  });
});

describe('a mutating webhook is configured', () => {
  let cluster: TestCluster;
  let webhook: TestWebhook;
  let registration: Registration | undefined;

  beforeAll(async () => {
    cluster = await startTestCluster();
    webhook = await startTestWebhook();
  });
  afterEach(async () => {
    await registration?.remove();
    webhook.answer();
  });
  afterAll(async () => {
    await webhook.stop();
    await cluster.stop();
  });

  const create = async (overrides: object, fields = {}, metadata: object = HOOKED) => {
    registration = await webhook.register(cluster, overrides);
    return cluster.call('POST', registration.secrets, secret('one', fields, metadata));
  };
  const client = (url: string, ca = webhook.certificates.ca) => ({
    clientConfig: { url, caBundle: Buffer.from(ca).toString('base64') },
  });

  it('to be passed over when it fails, but not when it refuses or breaks the Secret', async () => {
    const { status } = await create({ failurePolicy: 'Ignore', ...client('https://127.0.0.1:1/') });
    expect(status).toBe(201);
    await registration?.remove();
    webhook.answer(() => ({ response: { allowed: false } }));
    expect((await create({ failurePolicy: 'Ignore' })).status).toBe(400);
    await registration?.remove();
    webhook.answer(() => jsonPatch({ op: 'remove', path: '/none' }));
    expect((await create({ failurePolicy: 'Ignore' })).status).toBe(500);
  });

  it('with a time that it has', async () => {
    webhook.answer(() => 'silence');
    const started = performance.now();
    const { status, body } = await create({ timeoutSeconds: 1 });
    expect(status).toBe(500);
    expect(body.message).toMatch(
      /failed to call webhook: Post "https:.*\?timeout=1s": context deadline exceeded$/,
    );
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('where nobody listens', async () => {
    const { body } = await create(client('https://127.0.0.1:1/review'));
    expect(body.message).toBe(
      'Internal error occurred: failed calling webhook "hook.example.com": failed to call webhook: Post "https://127.0.0.1:1/review?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused',
    );
  });

  it('with the wrong CA', async () => {
    const other = await startTestWebhook();
    const { body } = await create(client(`https://127.0.0.1:${webhook.port}/`, other.certificates.ca));
    await other.stop();
    expect(body.message).toMatch(
      /: tls: failed to verify certificate: x509: certificate signed by unknown authority$/,
    );
  });

  it('with a name that its certificate does not have', async () => {
    const named = await startTestWebhook(['webhook.example.com']);
    const { body } = await create(client(`https://localhost:${named.port}/`, named.certificates.ca));
    await named.stop();
    expect(body.message).toMatch(/x509: certificate is valid for webhook\.example\.com, not localhost$/);
  });

  it('for v1beta1, where neither uid nor patchType is looked at', async () => {
    webhook.answer(() => ({
      response: {
        uid: 'wrong',
        allowed: true,
        patch: base64([{ op: 'add', path: '/data', value: { a: 'QQ==' } }]),
      },
    }));
    const { body } = await create({ admissionReviewVersions: ['v2', 'v1beta1', 'v1'] });
    expect(body.data).toEqual({ a: 'QQ==' });
    expect(webhook.reviews[0]?.apiVersion).toBe('admission.k8s.io/v1beta1');
  });

  it('for some operations', async () => {
    const rule = { apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], scope: 'Namespaced' };
    await create({ rules: [{ ...rule, operations: ['UPDATE'] }] });
    expect(webhook.reviews).toEqual([]);
    await cluster.call('PATCH', `${registration?.secrets}/one`, { metadata: { annotations: { a: 'b' } } });
    expect(webhook.reviews.map(({ request }) => request.operation)).toEqual(['UPDATE']);
  });

  it('for deletions, with the Secret as it was', async () => {
    const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'] };
    await create({ rules: [{ ...rule, operations: ['DELETE'] }] });
    webhook.answer(() => ({ response: { allowed: false, status: { code: 403, message: 'stays' } } }));
    const { status } = await cluster.call('DELETE', `${registration?.secrets}/one`);
    expect(status).toBe(403);
    expect(webhook.reviews[0]?.request).toMatchObject({ operation: 'DELETE', object: null });
    expect(webhook.reviews[0]?.request.oldObject?.metadata.name).toBe('one');
    expect((await cluster.call('GET', `${registration?.secrets}/one`)).status).toBe(200);
  });

  it('with conditions on the new Secret', async () => {
    const key = 'ecr-anywhere.centml.ai/managed';
    const conditions = {
      matchConditions: [
        { name: 'alive', expression: '!has(object.metadata.deletionTimestamp)' },
        {
          name: 'managed',
          expression: `has(object.metadata.labels) && '${key}' in object.metadata.labels && object.metadata.labels['${key}'] == 'true'`,
        },
      ],
      objectSelector: {},
    };
    const managed = { labels: { [key]: 'true' }, finalizers: ['example.com/keep'] };
    await create(conditions, {}, managed);
    expect(webhook.reviews).toHaveLength(1);
    const one = `${registration?.secrets}/one`;
    await cluster.call('PATCH', one, { metadata: { labels: { [key]: null } } });
    expect(webhook.reviews).toHaveLength(1);
    await cluster.call('PATCH', one, { metadata: { labels: { [key]: 'true' } } });
    // A real API server reviews a patch again where its cache was a write behind.
    const reviewed = webhook.reviews.length;
    expect(reviewed).toBeGreaterThan(1);
    await cluster.call('DELETE', one);
    await cluster.call('PATCH', one, { metadata: { finalizers: null } });
    expect(webhook.reviews).toHaveLength(reviewed);
    expect((await cluster.call('GET', one)).status).toBe(404);
  });

  it('with a condition that a replacement escapes: only the old Secret says that it is being deleted', async () => {
    const alive = { name: 'alive', expression: '!has(object.metadata.deletionTimestamp)' };
    const metadata = { ...HOOKED, finalizers: ['example.com/keep'] };
    await create({ matchConditions: [alive] }, {}, metadata);
    const one = `${registration?.secrets}/one`;
    const deleted = await cluster.call('DELETE', one);
    webhook.answer();
    await cluster.call('PUT', one, secret('one', {}, metadata));
    const [{ request } = {}] = webhook.reviews;
    expect(request?.object?.metadata).not.toHaveProperty('deletionTimestamp');
    expect(request?.oldObject?.metadata).toHaveProperty('deletionTimestamp');
    expect((await cluster.call('PUT', one, deleted.body)).status).toBe(200);
    expect(webhook.reviews).toHaveLength(1);
    await cluster.call('PATCH', one, { metadata: { finalizers: null } });
  });

  it('with selectors by expressions', async () => {
    const objectSelector = {
      matchExpressions: [
        { key: 'hook', operator: 'In', values: ['yes'] },
        { key: 'skip', operator: 'DoesNotExist' },
        { key: 'tier', operator: 'NotIn', values: ['front'] },
      ],
    };
    await create({ objectSelector });
    expect(webhook.reviews).toHaveLength(1);
    for (const labels of [{ skip: '' }, { tier: 'front' }, { hook: 'no' }])
      await cluster.call(
        'POST',
        `${registration?.secrets}`,
        secret(`other-${Object.keys(labels)[0]}`, {}, { labels: { hook: 'yes', ...labels } }),
      );
    expect(webhook.reviews).toHaveLength(1);
  });
});
