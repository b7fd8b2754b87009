import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { failure, secret, startTestCluster, type TestCluster } from './testing/test-cluster.ts';

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

  it('sets type, uid, creationTimestamp and resourceVersion', async () => {
    const { status, body } = await create({ metadata: { name: 'bare' } });
    expect(status).toBe(201);
    expect(body).toMatchObject({ kind: 'Secret', apiVersion: 'v1', type: 'Opaque' });
    expect(body).not.toHaveProperty('data');
    expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(0);
  });

  it('writes stringData into data, and it replaces values of the same key', async () => {
    const { body } = await create(
      secret('strings', { data: { a: 'QQ==', c: 'Qw==' }, stringData: { a: 'text', b: 'ü' } }),
    );
    expect(body.data).toEqual({ a: base64('text'), b: base64('ü'), c: 'Qw==' });
    expect(body).not.toHaveProperty('stringData');
  });

  it('generates a name', async () => {
    const { body } = await create({ metadata: { generateName: 'pull-' } });
    expect(body.metadata.name).toMatch(/^pull-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    expect(body.metadata.generateName).toBe('pull-');
  });

  it('stores nothing in a dry run, and answers the same without a resourceVersion', async () => {
    const { status, body } = await create(secret('dry'), '?dryRun=All');
    expect(status).toBe(201);
    expect(body.metadata.uid).toBeDefined();
    expect(body.metadata).not.toHaveProperty('resourceVersion');
    expect((await cluster.call('GET', `${secrets}/dry`)).status).toBe(404);
  });

  it('fails if the name exists, in a dry run too', async () => {
    await create(secret('twice'));
    expect(failure(await create(secret('twice')))).toEqual([409, 'AlreadyExists']);
    expect(failure(await create(secret('twice'), '?dryRun=All'))).toEqual([409, 'AlreadyExists']);
  });

  it('fails if the namespace does not exist, or is another one than in the path', async () => {
    const nowhere = '/api/v1/namespaces/no-such-namespace/secrets';
    const missing = await cluster.call('POST', nowhere, secret('x'));
    expect(failure(missing)).toEqual([404, 'NotFound']);
    expect(missing.body.details).toMatchObject({ name: 'no-such-namespace', kind: 'namespaces' });
    const other = await create(secret('x', {}, { namespace: 'default' }));
    expect(failure(other)).toEqual([400, 'BadRequest']);
  });

  it('drops unknown fields', async () => {
    const { status, body } = await create(secret('unknown', { spec: {} }, { colour: 'red' }));
    expect(status).toBe(201);
    expect(body).not.toHaveProperty('spec');
    expect(body.metadata).not.toHaveProperty('colour');
  });

  it.each([
    ['hello'],
    ['{"metadata":{'],
    [''],
    [secret('wrong', { data: { a: '!!!!' } })],
    [secret('wrong', { data: { a: 'QUJDR' } })],
    [secret('wrong', { data: { a: 5 } })],
    [secret('wrong', { data: 'x' })],
    [secret('wrong', { type: 7 })],
    [secret('wrong', { kind: 'ConfigMap' })],
  ])('fails for %j, which is not a Secret', async (body) => {
    expect(failure(await create(body))).toEqual([400, 'BadRequest']);
  });

  it('removes line ends from Base64', async () => {
    const { body } = await create(secret('lines', { data: { a: 'QQ\n==' } }));
    expect(body.data).toEqual({ a: 'QQ==' });
  });

  it('fails for an invalid name', async () => {
    expect(failure(await create(secret('Bad_Name')))).toEqual([422, 'Invalid']);
  });

  it.each([
    [Buffer.from('FAKE', 'base64')],
    [Buffer.from('')],
    [Buffer.from('[]')],
    [Buffer.from('{"a" 1}')],
  ])('fails for a pull Secret with the content %s, and does not quote the content', async (content) => {
    const data = { '.dockerconfigjson': content.toString('base64') };
    const answer = await create(secret('pull', { type: DOCKER, data }));
    expect(failure(answer)).toEqual([422, 'Invalid']);
    expect(answer.body.message).toMatch(
      /^Secret "pull" is invalid: data\[\.dockerconfigjson\]: Invalid value: "<secret contents redacted>": /,
    );
  });

  it.each([
    [DOCKER, '[.dockerconfigjson]'],
    ['kubernetes.io/dockercfg', '[.dockercfg]'],
    ['kubernetes.io/tls', '[tls.key]'],
    ['kubernetes.io/basic-auth', '[password]'],
    ['kubernetes.io/ssh-auth', '[ssh-privatekey]'],
    ['kubernetes.io/service-account-token', '[kubernetes.io/service-account.name]'],
  ])('fails for a %s without %s', async (type, key) => {
    const answer = await create(secret('typed', { type }));
    expect(failure(answer)).toEqual([422, 'Invalid']);
    expect(answer.body.message).toContain(`${key}: Required value`);
  });

  it('fails for more than one MiB of data, and for a body of more than three MiB', async () => {
    const sized = (bytes: number) => secret('big', { data: { a: Buffer.alloc(bytes).toString('base64') } });
    expect((await create(sized(1024 * 1024), '?dryRun=All')).status).toBe(201);
    expect(failure(await create(sized(1024 * 1024 + 1)))).toEqual([422, 'Invalid']);
    expect(failure(await create(sized(3 * 1024 * 1024)))).toEqual([413, 'RequestEntityTooLarge']);
  });
});
