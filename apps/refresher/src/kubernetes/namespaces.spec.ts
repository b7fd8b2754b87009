import {
  metadata,
  startFakeApiServer,
  status,
  type FakeApiServer,
  type Reply,
} from '@ecr-anywhere/kubernetes/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { namespacesApi, type Namespaces } from './namespaces.ts';

describe('the namespaces of a cluster', () => {
  let server: FakeApiServer;
  let namespaces: Namespaces;

  beforeEach(async () => {
    server = await startFakeApiServer();
    namespaces = namespacesApi(server.call, 2);
  });
  afterEach(() => server.stop());

  const listOf = (...names: string[]): Reply => ({
    body: {
      kind: 'PartialObjectMetadataList',
      items: names.map((name) => ({ metadata: { name } })),
    },
  });
  it('cannot be read if the answer is another namespace', async () => {
    server.replies = [metadata({ name: 'y' })];
    await expect(namespaces.getNamespace('x')).rejects.toThrow('it contains another object, y');
    server.replies = [status(403, 'cannot get resource "namespaces"'), listOf('y')];
    await expect(namespaces.getNamespace('x')).rejects.toThrow('it contains another object, y');
  });

  it('cannot be listed as enabled if one of them has no such label', async () => {
    server.replies = [listOf('blue')];
    await expect(namespaces.listEnabledNamespaces()[Symbol.asyncIterator]().next()).rejects.toThrow(
      'it contains blue, which the selector excludes',
    );
  });

  it('may not exist', async () => {
    server.replies = [status(404, 'namespaces "x" not found')];
    expect(await namespaces.getNamespace('x')).toBeUndefined();
  });

  it('are found in a list by name if the only right is to list them', async () => {
    server.replies = [status(403, 'cannot get resource "namespaces"'), listOf('x')];
    expect(await namespaces.getNamespace('x')).toMatchObject({ name: 'x' });
    expect(server.seen[1]?.url.pathname).toBe('/api/v1/namespaces');
    expect(server.seen[1]?.url.searchParams.get('fieldSelector')).toBe('metadata.name=x');
    server.replies = [status(403, 'cannot get resource "namespaces"'), listOf()];
    expect(await namespaces.getNamespace('y')).toBeUndefined();
  });

  it('report the missing right to get them if they may not be listed either', async () => {
    server.replies = [status(403, 'cannot get resource "namespaces"'), status(403, 'cannot list')];
    await expect(namespaces.getNamespace('x')).rejects.toThrow('cannot get resource "namespaces"');
  });
});
