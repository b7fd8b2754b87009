/** The variable parts of a `MutatingWebhookConfiguration`. */
export interface WebhookConfigurationOptions {
  /** The URL of the webhook for the API server. */
  readonly url: string;
  /** The CA of the webhook's certificate, PEM. */
  readonly ca: string;
  readonly timeoutSeconds?: number;
  readonly name?: string;
  /** The labels that namespaces need in addition to ours. */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
}

export const WEBHOOK_CONFIGURATION = 'ecr-anywhere';

/** The configuration of the webhook: failurePolicy `Fail`, for labelled Secrets in labelled namespaces. */
export function webhookConfiguration({
  url,
  ca,
  timeoutSeconds = 10,
  name = WEBHOOK_CONFIGURATION,
  namespaceLabels = {},
}: WebhookConfigurationOptions) {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: 'ecr-anywhere.centml.ai',
        admissionReviewVersions: ['v1', 'v1beta1'],
        clientConfig: { url, caBundle: Buffer.from(ca).toString('base64') },
        rules: [
          { operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'] },
        ],
        namespaceSelector: {
          matchLabels: { 'ecr-anywhere.centml.ai/namespace': 'enabled', ...namespaceLabels },
        },
        objectSelector: { matchLabels: { 'ecr-anywhere.centml.ai/managed': 'true' } },
        // A Secret that is being deleted, or that loses its label, can be written while the webhook is down.
        matchConditions: [
          { name: 'not-being-deleted', expression: '!has(object.metadata.deletionTimestamp)' },
          {
            name: 'managed-afterwards',
            expression:
              "has(object.metadata.labels) && 'ecr-anywhere.centml.ai/managed' in object.metadata.labels && " +
              "object.metadata.labels['ecr-anywhere.centml.ai/managed'] == 'true'",
          },
        ],
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        reinvocationPolicy: 'Never',
        sideEffects: 'None',
        timeoutSeconds,
      },
    ],
  };
}
