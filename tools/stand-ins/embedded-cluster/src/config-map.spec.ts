import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failure, startTestCluster, type TestCluster } from './testing/test-cluster.ts';

describe('a ConfigMap', () => {
  let cluster: TestCluster;
  let path: string;

  beforeAll(async () => {
    cluster = await startTestCluster();
    path = (await cluster.namespace()).replace('/secrets', '/configmaps');
  });
  afterAll(() => cluster.stop());

  it('can be created without data, and gets its data by a patch', async () => {
    expect((await cluster.call('POST', path, { metadata: { name: 'empty' } })).body).not.toHaveProperty(
      'data',
    );
    await cluster.call('PATCH', `${path}/empty`, { data: { 'a.json': '{}' } });
    await cluster.call('PATCH', `${path}/empty`, { data: { b: 'text' } });
    const { body } = await cluster.call('GET', `${path}/empty`);
    expect(body).toMatchObject({ kind: 'ConfigMap', data: { 'a.json': '{}', b: 'text' } });
  });

  it('cannot be patched before it exists, and cannot hold more than 1 MiB', async () => {
    expect(failure(await cluster.call('PATCH', `${path}/missing`, { data: { a: 'b' } }))).toEqual([
      404,
      'NotFound',
    ]);
    const large = { metadata: { name: 'large' }, data: { a: 'x'.repeat(1024 * 1024 + 1) } };
    expect(failure(await cluster.call('POST', path, large))).toEqual([422, 'Invalid']);
  });
});
