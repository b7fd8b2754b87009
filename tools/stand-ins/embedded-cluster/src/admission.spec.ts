import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { failure, secret, startTestCluster, type TestCluster } from './testing/test-cluster.ts';
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

  describe('is called', () => {
    it('for a new Secret, with the object that will be stored', async () => {
      await create('new', { stringData: { a: 'b' }, data: { c: 'Qw==' } });
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
        name: 'new',
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

    it('before a name is generated', async () => {
      const { body } = await cluster.call('POST', secrets, {
        metadata: { generateName: 'made-', ...HOOKED },
      });
      expect(body.metadata.name).toMatch(/^made-.{5}$/);
      expect(webhook.reviews[0]?.request).not.toHaveProperty('name');
      expect(webhook.reviews[0]?.request.object?.metadata).not.toHaveProperty('name');
    });

    it('for a change, with the old Secret', async () => {
      const name = fresh();
      const { body } = await create(name);
      await cluster.call('PATCH', `${secrets}/${name}`, { metadata: { annotations: { a: 'b' } } });
      const { request } = webhook.reviews[1] ?? {};
      expect(request).toMatchObject({ operation: 'UPDATE', options: { kind: 'UpdateOptions' } });
      expect(request?.object?.metadata.annotations).toEqual({ a: 'b' });
      expect(request?.oldObject?.metadata).not.toHaveProperty('annotations');
      expect(request?.object?.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
    });

    it('for a replace, with the object that the client sent', async () => {
      const name = fresh();
      await create(name);
      await cluster.call('PUT', `${secrets}/${name}`, secret(name, {}, HOOKED));
      const { request } = webhook.reviews[1] ?? {};
      expect(request?.object?.metadata).not.toHaveProperty('uid');
      expect(request?.oldObject?.metadata.uid).toBeDefined();
    });

    it('for a dry run, with dryRun: true', async () => {
      await cluster.call('POST', `${secrets}?dryRun=All`, secret(fresh(), {}, HOOKED));
      expect(webhook.reviews[0]?.request).toMatchObject({ dryRun: true, options: { dryRun: ['All'] } });
    });

    it('for a change that is refused afterwards', async () => {
      const name = fresh();
      await create(name);
      const stale = { metadata: { resourceVersion: '1', annotations: { a: 'b' } } };
      const { status } = await cluster.call('PATCH', `${secrets}/${name}`, stale);
      expect([status, webhook.reviews.length]).toEqual([409, 2]);
      const mistyped = await cluster.call('PATCH', `${secrets}/${name}`, { type: 'example.com/other' });
      expect([mistyped.status, webhook.reviews.length]).toEqual([422, 3]);
    });

    it('if the old or the new Secret has the label', async () => {
      const name = fresh();
      await create(name);
      const label = (hook: string | null) =>
        cluster.call('PATCH', `${secrets}/${name}`, { metadata: { labels: { hook } } });
      // If its cache is not current, a real API server may review a patch twice, with the same result.
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

    it('over one connection for calls one after the other', async () => {
      for (let turn = 0; turn < 5; turn++) await create();
      expect(new Set(webhook.reviews.map(({ connection }) => connection)).size).toBe(1);
    });
  });

  describe('is not called', () => {
    it('for other Secrets and in other namespaces', async () => {
      await create(fresh(), {}, {});
      await cluster.call('POST', await cluster.namespace(), secret(fresh(), {}, HOOKED));
      expect(webhook.reviews).toEqual([]);
    });

    it('for a Secret that cannot be decoded', async () => {
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

    it('fill a Secret that its type would not allow', async () => {
      const filled = base64({ auths: {} });
      const type = 'kubernetes.io/dockerconfigjson';
      webhook.answer(() => jsonPatch({ op: 'add', path: '/data/.dockerconfigjson', value: filled }));
      const { status } = await create(fresh(), { type, data: { '.dockerconfigjson': 'FAKE' } });
      expect(status).toBe(201);
      webhook.answer();
      const unfilled = await create(fresh(), { type, data: { '.dockerconfigjson': 'FAKE' } });
      expect(unfilled.status).toBe(422);
    });

    it('warn, with each text once, without texts that have control characters', async () => {
      const warnings = ['one', 'one', 'a "b" \\ c', 'line\nbreak', 'é ünï', ''];
      webhook.answer(() => ({ response: { allowed: true, warnings } }));
      const { status, warnings: told } = await create();
      expect([status, told]).toEqual([201, ['one', 'a \\"b\\" \\\\ c', 'é ünï']]);
    });

    it('deny the request, with its own status', async () => {
      const status = { code: 503, reason: 'ServiceUnavailable', message: 'try later' };
      webhook.answer(() => ({ response: { allowed: false, status, warnings: ['by the way'] } }));
      const answer = await create();
      expect(failure(answer)).toEqual([503, 'ServiceUnavailable']);
      expect(answer.body.message).toBe('admission webhook "hook.example.com" denied the request: try later');
      expect(answer.warnings).toEqual(['by the way']);
    });

    it.each([
      [undefined, 400, ' without explanation'],
      [{ reason: 'Invalid' }, 400, ': Invalid'],
      [{ code: 200, message: 'odd' }, 400, ': odd'],
    ])('deny the request with the status %j', async (status, code, words) => {
      webhook.answer(() => ({ response: { allowed: false, status } }));
      const answer = await create();
      expect([answer.status, answer.body.message]).toEqual([
        code,
        `admission webhook "hook.example.com" denied the request${words}`,
      ]);
    });

    it('say when the client may try again', async () => {
      const status = { code: 503, message: 'm', details: { retryAfterSeconds: 1 } };
      webhook.answer(() => ({ response: { allowed: false, status } }));
      expect((await create()).retryAfter).toBe('1');
    });
  });

  describe('fails the write', () => {
    const FAILED_CALL = 'Internal error occurred: failed calling webhook "hook.example.com": ';
    const messageOf = async () => {
      const answer = await create();
      expect(failure(answer)).toEqual([500, 'InternalError']);
      return answer.body.message;
    };

    it.each([
      [{ uid: 'wrong' }],
      [{ patch: base64([]) }],
      [{ patchType: 'JSONPatch' }],
      [{ patchType: 'Merge', patch: base64([{}]) }],
    ])('with the response %j', async (response) => {
      webhook.answer(() => ({ response: { allowed: true, ...response } }));
      expect(await messageOf()).toContain(FAILED_CALL);
    });

    it.each([
      [500, 'broken'],
      [503, ''],
      [404, 'x'],
      [200, ''],
      [200, 'x'],
    ])('with the HTTP status %d and the body "%s"', async (http, body) => {
      webhook.answer(() => ({ http, body, headers: { 'content-type': 'text/plain' } }));
      expect(await messageOf()).toContain(FAILED_CALL);
    });

    it.each([
      [{ op: 'replace', path: '/none/none', value: 'x' }],
      [{ op: 'remove', path: '/metadata/labels/none' }],
      [{ op: 'add', path: '/none/none', value: 'x' }],
      [{ op: 'test', path: '/type', value: 'x' }],
      [{ op: 'zap', path: '/type' }],
      [{ op: 'add', path: '/data', value: { a: '!' } }],
      [{ op: 'add', path: '/type', value: 7 }],
    ])('with the patch %j', async (operation) => {
      webhook.answer(() => jsonPatch(operation));
      expect(await messageOf()).toMatch(/^Internal error occurred: (?!failed calling)/);
    });

    it('if the connection ends', async () => {
      webhook.answer(() => 'reset');
      expect(await messageOf()).toContain(FAILED_CALL);
    });
  });
});

describe('a webhook configuration says', () => {
  let cluster: TestCluster;
  let webhook: TestWebhook;
  let other: TestWebhook;
  let registration: Registration | undefined;

  beforeAll(async () => {
    cluster = await startTestCluster();
    webhook = await startTestWebhook();
    other = await startTestWebhook(['webhook.example.com']);
  });
  afterEach(async () => {
    await registration?.remove();
    webhook.answer();
  });
  afterAll(async () => {
    await webhook.stop();
    await other.stop();
    await cluster.stop();
  });

  const create = async (overrides: object, fields = {}, metadata: object = HOOKED) => {
    registration = await webhook.register(cluster, overrides);
    return cluster.call('POST', registration.secrets, secret('one', fields, metadata));
  };
  const client = (url: string, ca = webhook.ca) => ({
    clientConfig: { url, caBundle: Buffer.from(ca).toString('base64') },
  });

  it('that a failing webhook is ignored, but not a denial or a broken patch', async () => {
    const { status } = await create({ failurePolicy: 'Ignore', ...client('https://127.0.0.1:1/') });
    expect(status).toBe(201);
    await registration?.remove();
    webhook.answer(() => ({ response: { allowed: false } }));
    expect((await create({ failurePolicy: 'Ignore' })).status).toBe(400);
    await registration?.remove();
    webhook.answer(() => jsonPatch({ op: 'remove', path: '/none' }));
    expect((await create({ failurePolicy: 'Ignore' })).status).toBe(500);
  });

  it('how long the API server waits', async () => {
    webhook.answer(() => 'silence');
    const started = performance.now();
    const { status, body } = await create({ timeoutSeconds: 1 });
    expect(status).toBe(500);
    expect(body.message).toMatch(
      /failed to call webhook: Post "https:.*\?timeout=1s": context deadline exceeded$/,
    );
    expect(performance.now() - started).toBeLessThan(9_000); // the default of timeoutSeconds is 10
  });

  it.each([
    ['another server', () => 'https://127.0.0.1:1/review', () => webhook.ca],
    ['another CA', () => `https://127.0.0.1:${webhook.port}/`, () => other.ca],
    ['a name that the certificate does not have', () => `https://localhost:${other.port}/`, () => other.ca],
  ])('the address of the webhook: with %s, the call fails', async (_, url, ca) => {
    const answer = await create(client(url(), ca()));
    expect(failure(answer)).toEqual([500, 'InternalError']);
    expect(answer.body.message).toContain('failed calling webhook "hook.example.com"');
  });

  it('the version of the review: v1beta1 does not check uid and patchType', async () => {
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

  it('which operations the webhook is called for', async () => {
    const rule = { apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], scope: 'Namespaced' };
    await create({ rules: [{ ...rule, operations: ['UPDATE'] }] });
    expect(webhook.reviews).toEqual([]);
    await cluster.call('PATCH', `${registration?.secrets}/one`, { metadata: { annotations: { a: 'b' } } });
    expect(webhook.reviews.map(({ request }) => request.operation)).toEqual(['UPDATE']);
  });

  it('that it is called for deletions, with the old Secret', async () => {
    const rule = { apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'] };
    await create({ rules: [{ ...rule, operations: ['DELETE'] }] });
    webhook.answer(() => ({ response: { allowed: false, status: { code: 403, message: 'stays' } } }));
    const { status } = await cluster.call('DELETE', `${registration?.secrets}/one`);
    expect(status).toBe(403);
    expect(webhook.reviews[0]?.request).toMatchObject({ operation: 'DELETE', object: null });
    expect(webhook.reviews[0]?.request.oldObject?.metadata.name).toBe('one');
    expect((await cluster.call('GET', `${registration?.secrets}/one`)).status).toBe(200);
  });

  it('conditions on the new Secret', async () => {
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
    // If its cache is not current, a real API server may review a patch twice.
    const reviewed = webhook.reviews.length;
    expect(reviewed).toBeGreaterThan(1);
    await cluster.call('DELETE', one);
    await cluster.call('PATCH', one, { metadata: { finalizers: null } });
    expect(webhook.reviews).toHaveLength(reviewed);
    expect((await cluster.call('GET', one)).status).toBe(404);
  });

  it('a condition that a replace avoids: only the old Secret has a deletionTimestamp', async () => {
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

  it('selectors with expressions', async () => {
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
