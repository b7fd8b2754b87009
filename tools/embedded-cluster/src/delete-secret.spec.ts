import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { refusal, secret, startTestCluster, type TestCluster } from './testing/test-cluster.ts';

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

  it('answers with its uid, and it is gone', async () => {
    const { metadata } = await create();
    const { status, body } = await cluster.call('DELETE', one);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'one', kind: 'secrets', uid: metadata.uid },
    });
    expect(refusal(await cluster.call('DELETE', one))).toEqual({
      status: 404,
      reason: 'NotFound',
      message: 'secrets "one" not found',
    });
  });

  it('changes nothing in a dry run, asked for in either way', async () => {
    await create();
    expect((await cluster.call('DELETE', `${one}?dryRun=All`)).status).toBe(200);
    expect((await cluster.call('DELETE', one, { dryRun: ['All'] })).status).toBe(200);
    expect((await cluster.call('GET', one)).status).toBe(200);
  });

  it('heeds preconditions', async () => {
    const { metadata } = await create();
    const wrong = await cluster.call('DELETE', one, { preconditions: { resourceVersion: '1' } });
    expect([wrong.status, wrong.body.reason]).toEqual([409, 'Conflict']);
    expect(wrong.body.message).toMatch(/the ResourceVersion in the precondition \(1\) does not match/);
    const right = await cluster.call('DELETE', one, { preconditions: { uid: metadata.uid } });
    expect(right.status).toBe(200);
  });

  it('waits for finalizers, which can then only be taken away', async () => {
    const { metadata } = await create({ finalizers: ['example.com/keep'] });
    const { body: deleted } = await cluster.call('DELETE', one);
    expect(deleted.metadata.deletionTimestamp).toBeDefined();
    expect(deleted.metadata.resourceVersion).not.toBe(metadata.resourceVersion);
    expect((await cluster.call('DELETE', one)).body).toEqual(deleted);

    const patch = (finalizers: string[] | null) => cluster.call('PATCH', one, { metadata: { finalizers } });
    expect((await patch(['example.com/keep', 'example.com/more'])).body.message).toBe(
      'Secret "one" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
    );
    expect((await cluster.call('POST', secrets, secret('one'))).body.message).toBe(
      'object is being deleted: secrets "one" already exists',
    );
    expect((await patch(null)).status).toBe(200);
    expect((await cluster.call('GET', one)).status).toBe(404);
  });

  it('cannot be undone', async () => {
    await create({ finalizers: ['example.com/keep'] });
    await cluster.call('DELETE', one);
    const { body } = await cluster.call('PATCH', one, { metadata: { deletionTimestamp: null } });
    expect(body.metadata.deletionTimestamp).toBeDefined();
    await cluster.call('PATCH', one, { metadata: { finalizers: null } });
  });

  it('can take all that a selector names', async () => {
    await create({ labels: { take: 'me' } });
    await cluster.call('POST', secrets, secret('two'));
    const { body } = await cluster.call('DELETE', `${secrets}?labelSelector=take`);
    expect(body.items.map(({ metadata }) => metadata.name)).toEqual(['one']);
    const { body: left } = await cluster.call('GET', secrets);
    expect(left.items.map(({ metadata }) => metadata.name)).toEqual(['two']);
  });
});
