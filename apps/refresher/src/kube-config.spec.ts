import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError } from '@ecr-anywhere/settings';
import { loadKubeConfig } from './kube-config.ts';

describe('a kubeconfig', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
    file = join(folder, 'config');
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: 'of-the-plugin' },
    };
    writeFileSync(
      file,
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: ['one', 'two'].map((name) => ({
          name,
          cluster: { server: `https://${name}.example.com` },
        })),
        users: [
          { name: 'static', user: { token: 'of-the-file' } },
          {
            name: 'plugin',
            user: {
              exec: {
                apiVersion: 'client.authentication.k8s.io/v1',
                command: process.execPath,
                args: ['-e', `console.log(${JSON.stringify(JSON.stringify(credential))})`],
                interactiveMode: 'Never',
              },
            },
          },
        ],
        contexts: [
          { name: 'one', context: { cluster: 'one', user: 'static' } },
          { name: 'two', context: { cluster: 'two', user: 'plugin' } },
        ],
        'current-context': 'one',
      }),
    );
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const authorization = async (context?: string) => {
    const options: { headers?: Record<string, string> } = {};
    await loadKubeConfig(file, context).applyToHTTPSOptions(options);
    return options.headers?.['Authorization'];
  };

  it('gives its current context', async () => {
    expect(loadKubeConfig(file, undefined).getCurrentCluster()?.server).toBe('https://one.example.com');
    expect(await authorization()).toBe('Bearer of-the-file');
  });

  it('gives another context by its name, and runs the plugin that its user names', async () => {
    expect(loadKubeConfig(file, 'two').getCurrentCluster()?.server).toBe('https://two.example.com');
    expect(await authorization('two')).toBe('Bearer of-the-plugin');
  });

  it('is refused by its name where it cannot be read, or has no such context', () => {
    expect(() => loadKubeConfig('/nowhere', undefined)).toThrow(SettingsError);
    expect(() => loadKubeConfig('/nowhere', undefined)).toThrow('/nowhere cannot be used (ENOENT)');
    expect(() => loadKubeConfig(file, 'three')).toThrow('KUBE_CONTEXT');
  });

  it('is missed by its name where there is none, and names the one of KUBECONFIG that cannot be read', () => {
    const before = { ...process.env };
    try {
      Object.assign(process.env, { HOME: folder, KUBECONFIG: '' });
      expect(() => loadKubeConfig(undefined, undefined)).toThrow(
        'there is no kubeconfig, and this is no Pod',
      );
      process.env['KUBECONFIG'] = '/nowhere';
      expect(() => loadKubeConfig(undefined, undefined)).toThrow('/nowhere cannot be used (ENOENT)');
    } finally {
      Object.assign(process.env, { HOME: before['HOME'], KUBECONFIG: before['KUBECONFIG'] ?? '' });
    }
  });
});
