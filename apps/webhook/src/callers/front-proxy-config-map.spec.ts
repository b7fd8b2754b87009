import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority } from '@ecr-anywhere/certificates';
import { startFakeApiServer, status, type FakeApiServer } from '@ecr-anywhere/kubernetes/testing';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { frontProxyConfigMap } from './front-proxy-config-map.ts';

const PATH = '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication';

describe('the reader of the ConfigMap of the front proxy', () => {
  let server: FakeApiServer;
  let folder: string;
  let stop: AbortController;

  beforeEach(async () => {
    server = await startFakeApiServer();
    folder = await mkdtemp(join(tmpdir(), 'webhook-front-proxy-'));
    stop = new AbortController();
  });

  afterEach(async () => {
    server.stop();
    await rm(folder, { recursive: true });
  });

  const reader = async () => {
    const kubeconfig = join(folder, 'kubeconfig');
    await writeFile(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'c', cluster: { server: server.url } }],
        users: [{ name: 'u', user: { token: 't' } }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      }),
    );
    return frontProxyConfigMap({ KUBECONFIG: kubeconfig }, stop.signal);
  };

  it('gets this ConfigMap and nothing else', async () => {
    const { cert } = await createCertificateAuthority('front-proxy-ca');
    const data = {
      'requestheader-client-ca-file': cert,
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-username-headers': '["X-Remote-User"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    };
    server.replies = [{ body: { kind: 'ConfigMap', data } }];
    expect(await (await reader())()).toEqual({
      ca: expect.stringContaining('BEGIN'),
      names: ['front-proxy-client'],
    });
    expect(server.seen.map(({ method, url }) => [method, url.pathname])).toEqual([['GET', PATH]]);
  });

  it.each([
    [
      404,
      'configmaps "extension-apiserver-authentication" not found',
      'runs without --requestheader-client-ca-file',
    ],
    [
      403,
      'configmaps "extension-apiserver-authentication" is forbidden: User "x" cannot get resource',
      'bind the Role extension-apiserver-authentication-reader of kube-system',
    ],
  ])('says what to do if the API server answers %i', async (code, message, remedy) => {
    server.replies = [status(code, message)];
    const read = await reader();
    await expect(read()).rejects.toThrow(`the ConfigMap kube-system/extension-apiserver-authentication: `);
    server.replies = [status(code, message)];
    await expect(read()).rejects.toThrow(remedy);
  });

  it('reads no answer of more than 1 MiB', async () => {
    server.replies = [{ body: { kind: 'ConfigMap', data: { x: 'x'.repeat(1_024 * 1_024) } } }];
    await expect((await reader())()).rejects.toThrow('more than 1 MiB');
  });

  it('reads it again with the same client after a failure', async () => {
    server.replies = [status(403, 'forbidden'), status(404, 'not found')];
    const read = await reader();
    await expect(read()).rejects.toThrow('forbidden');
    await expect(read()).rejects.toThrow('not found');
  });

  it('fails with the reason in a Pod without a service account, and outside a cluster', async () => {
    await expect(frontProxyConfigMap({}, stop.signal)()).rejects.toThrow('does not run in a Pod');
    const pod = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' };
    await expect(frontProxyConfigMap(pod, stop.signal)()).rejects.toThrow('service account');
  });

  it('ends when the webhook ends', async () => {
    server.replies = ['silence'];
    const read = (await reader())();
    stop.abort(new Error('the webhook ends'));
    await expect(read).rejects.toThrow();
  });
});
