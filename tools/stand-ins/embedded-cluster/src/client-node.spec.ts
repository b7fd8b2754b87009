import { afterEach, describe, expect, it } from '@jest/globals';
import {
  ApiException,
  CoreV1Api,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
  type V1Status,
} from '@kubernetes/client-node';
import { startEmbeddedCluster, type EmbeddedCluster } from './start-embedded-cluster.ts';

describe('the official client of Kubernetes', () => {
  let cluster: EmbeddedCluster;

  const api = () => {
    const config = new KubeConfig();
    // For plain HTTP, client-node requires skipTLSVerify.
    const server = { name: 'embedded', server: cluster.url, skipTLSVerify: true };
    config.loadFromClusterAndUser(server, { name: 'admin' });
    return config.makeApiClient(CoreV1Api);
  };
  afterEach(() => cluster.stop());

  it('reads and writes Secrets', async () => {
    cluster = await startEmbeddedCluster();
    const namespace = 'default';
    const body = { metadata: { name: 'one', labels: { a: 'b' } }, stringData: { k: 'v' } };
    const created = await api().createNamespacedSecret({ namespace, body });
    expect(created.data).toEqual({ k: 'dg==' });
    const patched = await api().patchNamespacedSecret(
      { namespace, name: 'one', body: { metadata: { annotations: { c: 'd' } } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    expect(patched.metadata?.annotations).toEqual({ c: 'd' });
    const { items } = await api().listSecretForAllNamespaces({ labelSelector: 'a=b', limit: 10 });
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['one']);
    await api().deleteNamespacedSecret({ namespace, name: 'one' });
    const failure: unknown = await api()
      .readNamespacedSecret({ namespace, name: 'one' })
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiException);
    const { code, body: status } = failure as ApiException<string>;
    expect(code).toBe(404);
    expect((JSON.parse(status) as V1Status).reason).toBe('NotFound');
  });
});
