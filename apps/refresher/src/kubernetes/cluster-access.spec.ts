import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError, type Settings } from '@ecr-anywhere/settings';
import { clusterAccess } from './cluster-access.ts';
import { readConfig } from '../config/config.ts';

const NAMES = { kubeconfig: 'KUBECONFIG', context: 'KUBE_CONTEXT' };
const noContext = (name: string) => `${name}: there is no context "three"; there are: one, two`;

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
    expect((await clusterAccess({ kubeconfig: file, env: {} }, NAMES)).server.host).toBe('one.example.com');
    expect((await clusterAccess({ kubeconfig: file, context: 'two', env: {} }, NAMES)).server.host).toBe(
      'two.example.com',
    );
    expect((await clusterAccess({ env: { KUBECONFIG: file } }, NAMES)).server.host).toBe('one.example.com');
  });

  it('is refused by the name of the flag or the variable that is wrong', async () => {
    const bad: readonly (readonly [string, readonly string[], Settings])[] = [
      ['--kubeconfig: /nowhere cannot be read (ENOENT)', ['--kubeconfig', '/nowhere'], {}],
      ['--kubeconfig: /nowhere cannot', ['--kubeconfig', '/nowhere'], { KUBECONFIG: file }],
      ['KUBECONFIG: / is a folder', [], { KUBECONFIG: '/' }],
      [noContext('--context'), ['--context', 'three'], { KUBECONFIG: file }],
      [noContext('--context'), ['--context', 'three'], { KUBECONFIG: file, KUBE_CONTEXT: 'one' }],
      [noContext('KUBE_CONTEXT'), ['--kubeconfig', file], { KUBE_CONTEXT: 'three' }],
    ];
    for (const [message, args, env] of bad) {
      const { kubeconfig, context, accessNames } = readConfig(args, env);
      const access = clusterAccess({ kubeconfig, context, env }, accessNames);
      await expect(access).rejects.toThrow(SettingsError);
      await expect(access).rejects.toThrow(message);
    }
  });

  it('is missed by the name of the setting where there is none, with the files that it was looked for in', async () => {
    await expect(clusterAccess({ env: { HOME: folder, KUBECONFIG: '' } }, NAMES)).rejects.toThrow(
      `KUBECONFIG: there is no kubeconfig, and this is no Pod: name a file that exists, here or with --kubeconfig (looked at: ${folder}/.kube/config)`,
    );
    await expect(clusterAccess({ env: { KUBECONFIG: '/nowhere:/neither' } }, NAMES)).rejects.toThrow(
      '/nowhere, /neither',
    );
  });
});
