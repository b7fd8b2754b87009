import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { failure, secret, startTestCluster, type TestCluster } from './testing/test-cluster.ts';

describe('deleting a Secret', () => {
  let cluster: TestCluster;
  let secrets: string;
  let one: string;

  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  beforeEach(async () => {
    secrets = await cluster.namespace();
    one = `${secrets}/one`;
  });
  afterAll(() => cluster.stop());

  const create = async (metadata: object = {}) =>
    (await cluster.call('POST', secrets, secret('one', {}, metadata))).body;

  it('answers with its uid, and the Secret is gone', async () => {
    const { metadata } = await create();
    const { status, body } = await cluster.call('DELETE', one);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'one', kind: 'secrets', uid: metadata.uid },
    });
    expect(failure(await cluster.call('DELETE', one))).toEqual([404, 'NotFound']);
  });

  it('changes nothing in a dry run', async () => {
    await create();
    expect((await cluster.call('DELETE', `${one}?dryRun=All`)).status).toBe(200);
    expect((await cluster.call('GET', one)).status).toBe(200);
  });

  it('waits until the last finalizer is removed', async () => {
    const { metadata } = await create({ finalizers: ['example.com/keep'] });
    const { body: deleted } = await cluster.call('DELETE', one);
    expect(deleted.metadata.deletionTimestamp).toBeDefined();
    expect(deleted.metadata.resourceVersion).not.toBe(metadata.resourceVersion);
    expect((await cluster.call('DELETE', one)).body).toEqual(deleted);
    expect(failure(await cluster.call('POST', secrets, secret('one')))).toEqual([409, 'AlreadyExists']);
    const freed = await cluster.call('PATCH', one, { metadata: { finalizers: null } });
    expect(freed.status).toBe(200);
    expect((await cluster.call('GET', one)).status).toBe(404);
  });

  it('cannot be undone', async () => {
    await create({ finalizers: ['example.com/keep'] });
    await cluster.call('DELETE', one);
    const { body } = await cluster.call('PATCH', one, { metadata: { deletionTimestamp: null } });
    expect(body.metadata.deletionTimestamp).toBeDefined();
    await cluster.call('PATCH', one, { metadata: { finalizers: null } });
  });
});
