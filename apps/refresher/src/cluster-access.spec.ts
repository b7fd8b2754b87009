import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError } from '@ecr-anywhere/settings';
import { clusterAccess } from './cluster-access.ts';

describe('the cluster to work with', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
    file = join(folder, 'config');
    const names = ['one', 'two'];
    writeFileSync(
      file,
      JSON.stringify({
        clusters: names.map((name) => ({ name, cluster: { server: `https://${name}.example.com` } })),
        users: [{ name: 'jane', user: { token: 'canary' } }],
        contexts: names.map((name) => ({ name, context: { cluster: name, user: 'jane' } })),
        'current-context': 'one',
      }),
    );
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is the one of the current context, or of another by its name', async () => {
    expect((await clusterAccess({ kubeconfig: file, env: {} })).server.host).toBe('one.example.com');
    expect((await clusterAccess({ kubeconfig: file, context: 'two', env: {} })).server.host).toBe(
      'two.example.com',
    );
    expect((await clusterAccess({ env: { KUBECONFIG: file } })).server.host).toBe('one.example.com');
  });

  it('is refused by the name of the setting where it cannot be read, or has no such context', async () => {
    await expect(clusterAccess({ kubeconfig: '/nowhere', env: {} })).rejects.toThrow(SettingsError);
    await expect(clusterAccess({ kubeconfig: '/nowhere', env: {} })).rejects.toThrow(
      'KUBECONFIG: /nowhere cannot be read (ENOENT)',
    );
    await expect(clusterAccess({ kubeconfig: file, context: 'three', env: {} })).rejects.toThrow(
      'KUBE_CONTEXT: there is no context "three"; there are: one, two',
    );
  });

  it('is missed by the name of the setting where there is none, with the files that it was looked for in', async () => {
    await expect(clusterAccess({ env: { HOME: folder, KUBECONFIG: '' } })).rejects.toThrow(
      `KUBECONFIG: there is no kubeconfig, and this is no Pod: name a file that exists, here or with --kubeconfig (looked at: ${folder}/.kube/config)`,
    );
    await expect(clusterAccess({ env: { KUBECONFIG: '/nowhere:/neither' } })).rejects.toThrow(
      '/nowhere, /neither',
    );
  });
});
