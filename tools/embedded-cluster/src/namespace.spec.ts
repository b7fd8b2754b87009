import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from './testing/eventually.ts';
import { refusal, secret, startTestCluster, type TestCluster } from './testing/test-cluster.ts';

const NAMESPACES = '/api/v1/namespaces';

describe('a namespace', () => {
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(() => cluster.stop());

  const create = async (labels: Record<string, string> = {}) => {
    const secrets = await cluster.namespace(labels);
    return { secrets, path: secrets.replace('/secrets', ''), name: secrets.split('/')[4] ?? '' };
  };

  it('is active, and has its name as a label', async () => {
    const { path, name } = await create({ a: 'b' });
    const { body } = await cluster.call('GET', path);
    expect(body).toMatchObject({
      kind: 'Namespace',
      metadata: { name, labels: { a: 'b', 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  });

  it('keeps that label, and its version where nothing changes', async () => {
    const { path, name } = await create();
    const before = await cluster.call('GET', path);
    const labels = { 'kubernetes.io/metadata.name': null, more: 'x' };
    const changed = await cluster.call('PATCH', path, { metadata: { labels } });
    expect(changed.body.metadata.labels).toEqual({ 'kubernetes.io/metadata.name': name, more: 'x' });
    expect(changed.body.metadata.resourceVersion).not.toBe(before.body.metadata.resourceVersion);
    const again = await cluster.call('PATCH', path, { metadata: { labels: { more: 'x' } } });
    expect(again.body.metadata.resourceVersion).toBe(changed.body.metadata.resourceVersion);
  });

  it('has a name without dots and capitals, once', async () => {
    const { name } = await create();
    expect(refusal(await cluster.call('POST', NAMESPACES, { metadata: { name } }))).toEqual({
      status: 409,
      reason: 'AlreadyExists',
      message: `namespaces "${name}" already exists`,
    });
    const bad = await cluster.call('POST', NAMESPACES, { metadata: { name: 'Bad' } });
    expect(bad.body.message).toMatch(/^Namespace "Bad" is invalid: metadata\.name: Invalid value: "Bad": /);
    const dotted = await cluster.call('POST', NAMESPACES, { metadata: { name: 'a.b' } });
    expect(dotted.body.message).toBe(
      'Namespace "a.b" is invalid: metadata.name: Invalid value: "a.b": must not contain dots',
    );
  });

  it('takes nothing new once it is being deleted', async () => {
    const { secrets, path, name } = await create();
    await cluster.call('POST', secrets, secret('kept', {}, { finalizers: ['example.com/keep'] }));
    const deleted = await cluster.call('DELETE', path);
    expect(deleted.body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
    const late = await cluster.call('POST', secrets, secret('late'));
    expect([late.status, late.body.message]).toEqual([
      403,
      `secrets "late" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
    ]);
    await cluster.call('PATCH', `${secrets}/kept`, { metadata: { finalizers: null } });
    // What empties it is a controller, which a bare API server does not have.
    if (cluster.isReal) return;
    await eventually('it is gone', async () => (await cluster.call('GET', path)).status === 404);
  });
});
