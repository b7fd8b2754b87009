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

  it('asks the API server of its cluster, as its service account, through no proxy', async () => {
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

  it('passes over a KUBECONFIG that names nothing that is there, as kubectl does', async () => {
    const { server } = await loadAccess({ env: { ...env, KUBECONFIG: '/nowhere' }, serviceAccount: folder });
    expect(server.hostname).toBe('10.96.0.1');
  });

  it('uses a kubeconfig where it has one', async () => {
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

  it('is told what is wrong: it is none, or it has no service account', async () => {
    rmSync(join(folder, 'token'));
    await expect(loadAccess({ env: {}, serviceAccount: folder })).rejects.toThrow(
      'there is no kubeconfig, and this is no Pod: name a file that exists, here or with --kubeconfig (looked at: nothing, as HOME is not set)',
    );
    await expect(loadAccess({ env, serviceAccount: folder })).rejects.toThrow(
      `the service account: ${folder}/token cannot be read (ENOENT)`,
    );
  });
});
