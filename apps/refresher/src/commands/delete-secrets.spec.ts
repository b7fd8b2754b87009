import {
  metadata,
  startFakeApiServer,
  status,
  type FakeApiServer,
  type Reply,
} from '@ecr-anywhere/kubernetes/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { deleteSecrets } from './delete-secrets.ts';
import { ownSecretsApi } from '../kubernetes/own-secrets.ts';

describe('the command delete-secrets', () => {
  let server: FakeApiServer;
  let lines: string[];

  beforeEach(async () => {
    server = await startFakeApiServer();
    lines = [];
  });
  afterEach(() => server.stop());

  const deleted = (output: 'text' | 'json', ...replies: Reply[]) => {
    server.replies = replies;
    const secrets = replies.map((_, index) => ({ namespace: 'blue', name: `s${index}` }));
    return deleteSecrets({
      api: ownSecretsApi(server.call),
      secrets,
      output,
      write: (line) => lines.push(line),
    });
  };
  const success: Reply = { body: { kind: 'Status', status: 'Success', details: { name: 's0' } } };
  const heldBack = metadata({ namespace: 'blue', name: 's1' });

  it('prints a line for each Secret', async () => {
    await deleted('text', success, heldBack, status(404, 'secrets "s2" not found'));
    expect(lines).toEqual([
      'blue/s0 was deleted',
      'blue/s1 is being deleted, and waits for its finalizers',
      'blue/s2 does not exist',
    ]);
    expect(server.seen.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
      'DELETE /api/v1/namespaces/blue/secrets/s0',
      'DELETE /api/v1/namespaces/blue/secrets/s1',
      'DELETE /api/v1/namespaces/blue/secrets/s2',
    ]);
  });

  it('prints an object for each Secret with --output json', async () => {
    await deleted('json', success, heldBack, status(404, 'secrets "s2" not found'));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { namespace: 'blue', name: 's0', result: 'deleted' },
      { namespace: 'blue', name: 's1', result: 'held-back' },
      { namespace: 'blue', name: 's2', result: 'absent' },
    ]);
  });

  it('fails if the API server answers a failure with status 200', async () => {
    await expect(
      deleted('text', { body: { kind: 'Status', status: 'Failure', message: 'etcd has no leader' } }),
    ).rejects.toThrow(
      'answer for /api/v1/namespaces/blue/secrets/s0 cannot be used: it is a failure, Status: etcd has no leader',
    );
    expect(lines).toEqual([]);
  });
});
