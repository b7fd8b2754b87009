import { KubernetesError, listObjects, type ApiClient } from '@ecr-anywhere/kubernetes';
import { WEBHOOK_NAME } from '@ecr-anywhere/secret-scan';
import * as z from 'zod';

/** The part of a label selector that this program reads. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null | undefined;
  readonly matchExpressions?:
    | readonly {
        readonly key: string;
        readonly operator: string;
        readonly values?: readonly string[] | null | undefined;
      }[]
    | null
    | undefined;
}

/** The MutatingWebhookConfiguration of an installation of ECR Anywhere. */
export interface WebhookConfiguration {
  readonly name: string;
  /** Which namespaces the API server calls its webhook for. */
  readonly namespaceSelector: LabelSelector;
  /** The Helm release that it belongs to; undefined if Helm did not install it. */
  readonly release: { readonly name: string; readonly namespace: string } | undefined;
  readonly isBeingDeleted: boolean;
}

/** Reads the webhook configurations of a cluster. */
export interface WebhookConfigurations {
  listNames(): AsyncIterable<{ readonly name: string }>;
  /** @returns undefined if it does not exist, or has no webhook of ECR Anywhere */
  getConfiguration(name: string): Promise<WebhookConfiguration | undefined>;
}

const PATH = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';

/** The annotations by which Helm knows its objects. */
const RELEASE = { name: 'meta.helm.sh/release-name', namespace: 'meta.helm.sh/release-namespace' } as const;

const selector = z.object({
  matchLabels: z.record(z.string(), z.string()).nullish(),
  matchExpressions: z
    .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).nullish() }))
    .nullish(),
});

const configuration = z.object({
  kind: z.literal('MutatingWebhookConfiguration'),
  metadata: z.object({
    name: z.string(),
    annotations: z.record(z.string(), z.string()).nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
  webhooks: z.array(z.object({ name: z.string(), namespaceSelector: selector.nullish() })).nullish(),
});

/** @throws the methods throw {@link KubernetesError} */
export function webhookConfigurationsApi(call: ApiClient, pageSize: number): WebhookConfigurations {
  return {
    listNames: () => listObjects(call, { path: PATH, expected: {}, selector: {}, pageSize }),
    async getConfiguration(name) {
      const path = `${PATH}/${encodeURIComponent(name)}`;
      try {
        const { body } = await call({ method: 'GET', path, as: 'object' });
        return readConfiguration(body, path, name);
      } catch (error) {
        if (error instanceof KubernetesError && error.failure === 'not-found') return undefined;
        throw error;
      }
    },
  };
}

/** @throws KubernetesError */
function readConfiguration(body: unknown, path: string, name: string): WebhookConfiguration | undefined {
  const { data } = configuration.safeParse(body);
  if (data?.metadata.name !== name)
    throw new KubernetesError(
      'unavailable',
      `the API server's answer for ${path} cannot be used: expected this MutatingWebhookConfiguration`,
    );
  const { annotations, deletionTimestamp } = data.metadata;
  const webhook = data.webhooks?.find((found) => found.name === WEBHOOK_NAME);
  const [releaseName, namespace] = [annotations?.[RELEASE.name], annotations?.[RELEASE.namespace]];
  return (
    webhook && {
      name,
      namespaceSelector: webhook.namespaceSelector ?? {},
      release: releaseName && namespace ? { name: releaseName, namespace } : undefined,
      isBeingDeleted: Boolean(deletionTimestamp),
    }
  );
}
