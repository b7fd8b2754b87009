import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failure, startTestCluster, type TestCluster } from './testing/test-cluster.ts';

const NAMESPACES = '/api/v1/namespaces';

describe('a namespace', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster.stop());

  const create = async (labels: Record<string, string> = {}) => {
    const path = (await cluster.namespace(labels)).replace('/secrets', '');
    return { path, name: path.replace(`${NAMESPACES}/`, '') };
  };

  it('is active, and has its name as a label', async () => {
    const { path, name } = await create({ a: 'b' });
    const { body } = await cluster.call('GET', path);
    expect(body).toMatchObject({
      kind: 'Namespace',
      metadata: { name, labels: { a: 'b', 'kubernetes.io/metadata.name': name } },
      status: { phase: 'Active' },
    });
  });

  it('keeps that label, and its resourceVersion if nothing changes', async () => {
    const { path, name } = await create();
    const before = await cluster.call('GET', path);
    const labels = { 'kubernetes.io/metadata.name': null, more: 'x' };
    const changed = await cluster.call('PATCH', path, { metadata: { labels } });
    expect(changed.body.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': name, more: 'x' });
    expect(changed.body.metadata.resourceVersion).not.toBe(before.body.metadata.resourceVersion);
    const again = await cluster.call('PATCH', path, { metadata: { labels: { more: 'x' } } });
    expect(again.body.metadata.resourceVersion).toBe(changed.body.metadata.resourceVersion);
  });

  it('cannot be created twice, or with an invalid name', async () => {
    const { name } = await create();
    const answers = [];
    for (const each of [name, 'Bad', 'a.b'])
      answers.push(failure(await cluster.call('POST', NAMESPACES, { metadata: { name: each } })));
    expect(answers).toEqual([
      [409, 'AlreadyExists'],
      [422, 'Invalid'],
      [422, 'Invalid'],
    ]);
  });
});
