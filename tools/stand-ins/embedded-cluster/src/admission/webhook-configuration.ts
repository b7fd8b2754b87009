import * as z from 'zod';
import type { ApiObject } from '../objects/object.ts';
import type { Resource } from '../objects/resource.ts';
import { METADATA, struct } from '../objects/schema.ts';
import { matchConditionProblem } from './match-conditions.ts';
import { webhooksOf } from './mutating-webhook.ts';

const WORDS = z.array(z.string()).min(1);
const SELECTOR = z.object({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(
      z.object({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});

/** Strict: a field that this cluster does not know could change which requests a webhook receives. */
const WEBHOOK = z.strictObject({
  name: z.string(),
  clientConfig: z.strictObject({ url: z.url({ protocol: /^https$/ }), caBundle: z.string().optional() }),
  rules: z.array(
    z.object({
      operations: WORDS,
      apiGroups: WORDS,
      apiVersions: WORDS,
      resources: WORDS,
      scope: z.enum(['*', 'Cluster', 'Namespaced']).default('*'),
    }),
  ),
  failurePolicy: z.enum(['Fail', 'Ignore']).default('Fail'),
  matchPolicy: z.literal('Equivalent').default('Equivalent'),
  namespaceSelector: SELECTOR.default({}),
  objectSelector: SELECTOR.default({}),
  sideEffects: z.enum(['None', 'NoneOnDryRun']),
  timeoutSeconds: z.int().min(1).max(30).default(10),
  admissionReviewVersions: WORDS,
  matchConditions: z.array(z.object({ name: z.string(), expression: z.string() })).default([]),
  reinvocationPolicy: z.literal('Never').default('Never'),
});

/** Which webhooks the API server calls, and for what. */
export const WEBHOOK_CONFIGURATIONS: Resource = {
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  group: 'admissionregistration.k8s.io',
  apiVersion: 'admissionregistration.k8s.io/v1',
  namespaced: false,
  schema: struct({ metadata: METADATA, webhooks: z.array(WEBHOOK).default([]) }),
  namePattern: /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
  problems: (configuration: ApiObject) =>
    webhooksOf(configuration)
      .flatMap(({ matchConditions }) => matchConditions)
      .flatMap((condition) => matchConditionProblem(condition) ?? []),
  fields: ({ metadata }: ApiObject) => ({ 'metadata.name': metadata.name ?? '' }),
};
