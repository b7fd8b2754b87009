import type { ApiObject } from '../objects/object.ts';
import type { LabelSelector } from '../storage/label-selector.ts';
import type { MatchCondition } from './match-conditions.ts';

/** One webhook of a `MutatingWebhookConfiguration`, with its defaults. */
export interface MutatingWebhook {
  readonly name: string;
  readonly clientConfig: WebhookClientConfig;
  readonly rules?: readonly WebhookRule[];
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  readonly sideEffects?: string;
  readonly timeoutSeconds: number;
  readonly admissionReviewVersions?: readonly string[];
  readonly matchConditions?: readonly MatchCondition[];
}

export interface WebhookClientConfig {
  readonly url?: string;
  readonly service?: {
    readonly namespace: string;
    readonly name: string;
    readonly path?: string;
    readonly port?: number;
  };
  /** PEM, in Base64. */
  readonly caBundle?: string;
}

export interface WebhookRule {
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly scope?: string;
}

/** The webhooks of a stored configuration. */
export function webhooksOf(configuration: ApiObject): readonly MutatingWebhook[] {
  return (configuration['webhooks'] ?? []) as readonly MutatingWebhook[];
}
