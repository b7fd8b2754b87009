import {
  apiClient,
  KubernetesError,
  loadAccess,
  type ApiClient,
  type KubernetesFailure,
} from '@ecr-anywhere/kubernetes';
import type { Milliseconds, Settings } from '@ecr-anywhere/settings';
import { frontProxyTrust, type FrontProxyTrust } from './front-proxy-trust.ts';

const NAME = 'extension-apiserver-authentication';
const PATH = `/api/v1/namespaces/kube-system/configmaps/${NAME}`;
const TIMEOUT: Milliseconds = 10_000;

/** It holds the certificates of two CAs, and etcd takes no larger objects. */
const MOST_BYTES = 1_024 * 1_024;

/**
 * Makes a reader of the ConfigMap in which the API server says how to recognize its front proxy.
 *
 * @param environment - says where the API server is, and who asks it: in a Pod, its service account
 * @param signal - ends a request
 * @returns a function that throws an Error which says what to do
 */
export function frontProxyConfigMap(
  environment: Settings,
  signal: AbortSignal,
): () => Promise<FrontProxyTrust> {
  let client: ApiClient | undefined;
  return async () => {
    try {
      client ??= await connect(environment, signal);
      const { body } = await client({ method: 'GET', path: PATH, as: 'object' });
      return frontProxyTrust(body);
    } catch (error) {
      throw new Error(`the ConfigMap kube-system/${NAME}: ${explain(error as Error)}`, { cause: error });
    }
  };
}

async function connect(env: Settings, signal: AbortSignal): Promise<ApiClient> {
  return apiClient({
    access: await loadAccess({ env, signal }),
    userAgent: 'ecr-anywhere-webhook',
    timeout: TIMEOUT,
    signal,
    mostBytes: MOST_BYTES,
    isTerminal: false,
  });
}

function explain(error: Error): string {
  const remedy = error instanceof KubernetesError ? REMEDIES[error.failure] : undefined;
  return remedy === undefined ? error.message : `${error.message}; ${remedy}`;
}

const REMEDIES: Partial<Readonly<Record<KubernetesFailure, string>>> = {
  'not-found':
    'the API server runs without --requestheader-client-ca-file, so that the mode aggregated cannot work; use another mode',
  forbidden: `bind the Role extension-apiserver-authentication-reader of kube-system to the webhook's service account`,
};
