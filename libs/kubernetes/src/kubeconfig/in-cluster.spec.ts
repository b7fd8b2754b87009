import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAccess } from './load-access.ts';
import { readSource } from './source.ts';

describe('a Pod without a kubeconfig', () => {
  let folder: string;
  const env = {
    KUBERNETES_SERVICE_HOST: '10.96.0.1',
    KUBERNETES_SERVICE_PORT: '443',
    HTTPS_PROXY: 'http://proxy',
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'service-account-'));
    writeFileSync(join(folder, 'token'), 'canary\n');
    writeFileSync(join(folder, 'ca.crt'), 'PEM');
    writeFileSync(join(folder, 'namespace'), 'ecr-anywhere\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('uses the API server of its cluster and its service account, and no proxy', async () => {
    const access = await loadAccess({ env, serviceAccount: folder });
    expect(access.server.href).toBe('https://10.96.0.1/');
    expect(access.namespace).toBe('ecr-anywhere');
    expect(access.proxy).toBeUndefined();
    expect(readSource(access.trust.ca!)).toBe('PEM');
    expect(readSource(access.identity.tokenFile!)).toBe('canary\n');
  });

  it('reaches a server with an IPv6 address', async () => {
    const { server } = await loadAccess({
      env: { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1' },
      serviceAccount: folder,
    });
    expect(server.href).toBe('https://[fd00::1]/');
  });

  it('ignores a KUBECONFIG whose file is missing, like kubectl', async () => {
    const { server } = await loadAccess({ env: { ...env, KUBECONFIG: '/nowhere' }, serviceAccount: folder });
    expect(server.hostname).toBe('10.96.0.1');
  });

  it('uses a kubeconfig if there is one', async () => {
    const file = join(folder, 'config');
    writeFileSync(
      file,
      JSON.stringify({
        clusters: [{ name: 'k', cluster: { server: 'http://k.example' } }],
        users: [{ name: 'u', user: {} }],
        contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
        'current-context': 'c',
      }),
    );
    const { server } = await loadAccess({ env: { ...env, KUBECONFIG: file }, serviceAccount: folder });
    expect(server.hostname).toBe('k.example');
  });

  it('has an error if it is not a Pod, or has no service account', async () => {
    rmSync(join(folder, 'token'));
    await expect(loadAccess({ env: {}, serviceAccount: folder })).rejects.toThrow(
      'there is no kubeconfig, and this process does not run in a Pod; set it, or --kubeconfig, to a file that exists (searched: nothing, because HOME is not set)',
    );
    await expect(loadAccess({ env, serviceAccount: folder })).rejects.toThrow(
      `the service account: ${folder}/token cannot be read (ENOENT)`,
    );
  });
});
