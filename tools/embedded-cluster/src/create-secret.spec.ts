import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { refusal, secret, startTestCluster, type TestCluster } from './testing/test-cluster.ts';

const DOCKER = 'kubernetes.io/dockerconfigjson';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('creating a Secret', () => {
  let cluster: TestCluster;
  let secrets: string;

  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  beforeEach(async () => {
    secrets = await cluster.namespace();
  });
  afterAll(() => cluster.stop());

  const create = (body: unknown, query = '') => cluster.call('POST', secrets + query, body);

  it('gives it a type, a uid, a time and a version', async () => {
    const { status, body } = await create({ metadata: { name: 'bare' } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ kind: 'Secret', apiVersion: 'v1', type: 'Opaque' });
    expect(body).not.toHaveProperty('data');
    expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(0);
  });

  it('puts stringData into data, over what is there', async () => {
    const { body } = await create(
      secret('strings', { data: { a: 'QQ==', c: 'Qw==' }, stringData: { a: 'text', b: 'ü' } }),
    );
    expect(body.data).toEqual({ a: base64('text'), b: base64('ü'), c: 'Qw==' });
    expect(body).not.toHaveProperty('stringData');
  });

  it('makes up a name', async () => {
    const { body } = await create({ metadata: { generateName: 'pull-' } });
    expect(body.metadata.name).toMatch(/^pull-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(body.metadata.generateName).toBe('pull-');
  });

  it('stores nothing in a dry run, and answers the same without a version', async () => {
    const { status, body } = await create(secret('dry'), '?dryRun=All');
    expect(status).toBe(201);
    expect(body.metadata.uid).toBeDefined();
    expect(body.metadata).not.toHaveProperty('resourceVersion');
    expect((await cluster.call('GET', `${secrets}/dry`)).status).toBe(404);
  });

  it('refuses a name that is taken, in a dry run as well', async () => {
    await create(secret('twice'));
    const taken = { status: 409, reason: 'AlreadyExists', message: 'secrets "twice" already exists' };
    expect(refusal(await create(secret('twice')))).toEqual(taken);
    expect(refusal(await create(secret('twice'), '?dryRun=All'))).toEqual(taken);
  });

  it('refuses a namespace that is not there, and one that is not the one of the path', async () => {
    const nowhere = '/api/v1/namespaces/no-such-namespace/secrets';
    expect(refusal(await cluster.call('POST', nowhere, secret('x')))).toEqual({
      status: 404,
      reason: 'NotFound',
      message: 'namespaces "no-such-namespace" not found',
    });
    expect(refusal(await create(secret('x', {}, { namespace: 'default' })))).toEqual({
      status: 400,
      reason: 'BadRequest',
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    });
  });

  it('refuses a resourceVersion', async () => {
    const { status, body } = await create(secret('versioned', {}, { resourceVersion: '5' }));
    expect(status).toBe(500);
    expect(body.message).toBe('resourceVersion should not be set on objects to be created');
    expect(body).not.toHaveProperty('reason');
  });

  it('drops unknown fields with a warning, refuses them where that is asked for', async () => {
    const manifest = secret('unknown', { spec: {} }, { colour: 'red' });
    const lenient = await create(manifest);
    expect(lenient.status).toBe(201);
    expect(lenient.warnings).toHaveLength(2);
    expect(lenient.warnings).toContain('unknown field \\"spec\\"');
    expect(lenient.body).not.toHaveProperty('spec');
    const strict = await create(manifest, '?fieldValidation=Strict');
    expect(strict.status).toBe(400);
    expect(strict.body.message).toContain('strict decoding error: unknown field');
    expect((await create(secret('quiet', { spec: {} }), '?fieldValidation=Ignore')).warnings).toEqual([]);
  });

  it.each([
    ['hello', "invalid character 'h' looking for beginning of value (68656c6c6f)"],
    ['{"metadata":{', 'unexpected end of JSON input ({"metadata":{)'],
    ['', 'unexpected end of JSON input (<empty>)'],
  ])('refuses %j, which is not JSON', async (text, why) => {
    expect(refusal(await create(text))).toEqual({
      status: 400,
      reason: 'BadRequest',
      message: `the object provided is unrecognized (must be of type Secret): couldn't get version/kind; json parse error: ${why}`,
    });
  });

  it.each([
    [{ data: { a: '!!!!' } }, 'illegal base64 data at input byte 0'],
    [{ data: { a: 'QUJDR' } }, 'illegal base64 data at input byte 4'],
    [{ data: { a: 5 } }, 'json: cannot unmarshal number into Go struct field Secret.data of type []uint8'],
    [
      { data: 'x' },
      'json: cannot unmarshal string into Go struct field Secret.data of type map[string][]uint8',
    ],
    [{ type: 7 }, 'json: cannot unmarshal number into Go struct field Secret.type of type v1.SecretType'],
    [
      { immutable: 'yes' },
      'json: cannot unmarshal string into Go struct field Secret.immutable of type bool',
    ],
    [{ kind: 'ConfigMap' }, 'converting (v1.ConfigMap) to (core.Secret): unknown conversion'],
  ])('refuses %j, which is no Secret', async (fields, why) => {
    const { status, body } = await create(secret('wrong', fields));
    expect(status).toBe(400);
    expect(body.message).toMatch(/^(Secret|ConfigMap) in version "v1" cannot be handled as a Secret: /);
    expect(body.message).toContain(why);
  });

  it('reads Base64 as Go does, with line ends, and writes it clean', async () => {
    const { body } = await create(secret('lines', { data: { a: 'QQ\n==', b: 'QR==' } }));
    expect(body.data).toEqual({ a: 'QQ==', b: 'QQ==' });
  });

  it('tells everything that is wrong with an object', async () => {
    const { status, body } = await create(secret('Bad_Name', { type: DOCKER }, { labels: { a: 'b!' } }));
    expect(status).toBe(422);
    expect(body.details).toMatchObject({
      kind: 'Secret',
      name: 'Bad_Name',
      causes: [
        { field: 'metadata.name', reason: 'FieldValueInvalid' },
        { field: 'metadata.labels', reason: 'FieldValueInvalid' },
        { field: 'data[.dockerconfigjson]', reason: 'FieldValueRequired', message: 'Required value' },
      ],
    });
    expect(body.message).toMatch(
      /^Secret "Bad_Name" is invalid: \[metadata\.name: .*, data\[\.dockerconfigjson\]: Required value\]$/,
    );
  });

  it.each([
    [Buffer.from('FAKE', 'base64'), "invalid character '\\x14' looking for beginning of value"],
    [Buffer.from(''), 'unexpected end of JSON input'],
    [Buffer.from('[]'), 'json: cannot unmarshal array into Go value of type map[string]interface {}'],
    [Buffer.from('{"a" 1}'), "invalid character '1' after object key"],
  ])('refuses the content %s of a pull Secret without quoting it', async (content, why) => {
    const data = { '.dockerconfigjson': content.toString('base64') };
    expect(refusal(await create(secret('pull', { type: DOCKER, data })))).toEqual({
      status: 422,
      reason: 'Invalid',
      message: `Secret "pull" is invalid: data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": ${why}`,
    });
  });

  it.each([
    ['kubernetes.io/dockercfg', 'data[.dockercfg]: Required value'],
    ['kubernetes.io/tls', '[data[tls.crt]: Required value, data[tls.key]: Required value]'],
    ['kubernetes.io/basic-auth', '[data[username]: Required value, data[password]: Required value]'],
    ['kubernetes.io/ssh-auth', 'data[ssh-privatekey]: Required value'],
  ])('knows what a %s needs', async (type, why) => {
    const { body } = await create(secret('typed', { type }));
    expect(body.message).toBe(`Secret "typed" is invalid: ${why}`);
  });

  it('refuses more than one MiB of data, and more than three of body', async () => {
    const sized = (bytes: number) => secret('big', { data: { a: Buffer.alloc(bytes).toString('base64') } });
    expect((await create(sized(1024 * 1024), '?dryRun=All')).status).toBe(201);
    const tooLong = await create(sized(1024 * 1024 + 1));
    expect(tooLong.body.message).toBe(
      'Secret "big" is invalid: data: Too long: may not be more than 1048576 bytes',
    );
    const tooLarge = await create(sized(3 * 1024 * 1024));
    expect(refusal(tooLarge)).toEqual({
      status: 413,
      reason: 'RequestEntityTooLarge',
      message: 'Request entity too large: limit is 3145728',
    });
  });
});
