import { eventually, type KubernetesObject } from '@ecr-anywhere/local-installation';
import { REGISTRY_HOST } from './aws.ts';
import type { InstalledCluster } from './cluster.ts';

/** A pod that pulls its image from a registry with a Secret, and keeps running. */
export function pullingPod(
  name: string,
  namespace: string,
  secret = 'ecr-secret',
  host = REGISTRY_HOST,
): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace },
    spec: {
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      // Otherwise kubelet could use an image on the node, without a request to the registry.
      containers: [{ name: 'main', image: `${host}/test:${name}`, imagePullPolicy: 'Always' }],
      imagePullSecrets: [{ name: secret }],
    },
  };
}

/** The state of the pod's only container: `running`, or the reason why it waits. */
export function outcomeOfPull(cluster: InstalledCluster, namespace: string, name: string): Promise<string> {
  return eventually(
    `the image of ${name} is pulled, or refused`,
    async () => {
      const { body } = await cluster.api.get(`/api/v1/namespaces/${namespace}/pods/${name}`);
      const { running, waiting } = (body as Pod).status?.containerStatuses?.[0]?.state ?? {};
      if (running) return 'running';
      return waiting?.reason === 'ErrImagePull' || waiting?.reason === 'ImagePullBackOff'
        ? (waiting.message ?? waiting.reason)
        : undefined;
    },
    { within: 60_000, every: 200 },
  );
}

interface Pod {
  readonly status?: {
    readonly containerStatuses?: {
      readonly state: { readonly running?: object; readonly waiting?: { reason?: string; message?: string } };
    }[];
  };
}
