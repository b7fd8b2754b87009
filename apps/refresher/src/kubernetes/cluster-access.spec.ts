import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError, type Settings } from '@ecr-anywhere/settings';
import { findClusterAccess } from './cluster-access.ts';
import { readConfig } from '../config/config.ts';

/** The cluster that these arguments and variables choose. */
const find = (args: readonly string[], env: Settings) => findClusterAccess(readConfig(args, env), env);
const noContext = (name: string) => `${name}: there is no context "three"; the contexts are: one, two`;

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

  it('is the cluster of the current context, or of the context that a setting names', async () => {
    expect((await find(['--kubeconfig', file], {})).server.host).toBe('one.example.com');
    expect((await find(['--kubeconfig', file, '--context', 'two'], {})).server.host).toBe('two.example.com');
    expect((await find([], { KUBECONFIG: file })).server.host).toBe('one.example.com');
  });

  it('cannot be found if a setting is wrong; the message names the flag or the variable', async () => {
    const bad: readonly (readonly [string, readonly string[], Settings])[] = [
      ['--kubeconfig: /nowhere cannot be read (ENOENT)', ['--kubeconfig', '/nowhere'], {}],
      ['--kubeconfig: /nowhere cannot', ['--kubeconfig', '/nowhere'], { KUBECONFIG: file }],
      ['KUBECONFIG: / is a folder', [], { KUBECONFIG: '/' }],
      [noContext('--context'), ['--context', 'three'], { KUBECONFIG: file }],
      [noContext('--context'), ['--context', 'three'], { KUBECONFIG: file, KUBE_CONTEXT: 'one' }],
      [noContext('KUBE_CONTEXT'), ['--kubeconfig', file], { KUBE_CONTEXT: 'three' }],
    ];
    for (const [message, args, env] of bad) {
      const access = find(args, env);
      await expect(access).rejects.toThrow(SettingsError);
      await expect(access).rejects.toThrow(message);
    }
  });

  it('cannot be found without a kubeconfig; the message names the setting and the files that were searched', async () => {
    await expect(find([], { HOME: folder, KUBECONFIG: '' })).rejects.toThrow(
      `KUBECONFIG: there is no kubeconfig, and this process does not run in a Pod; set it, or --kubeconfig, to a file that exists (searched: ${folder}/.kube/config)`,
    );
    await expect(find([], { KUBECONFIG: '/nowhere:/neither' })).rejects.toThrow('/nowhere, /neither');
  });
});
