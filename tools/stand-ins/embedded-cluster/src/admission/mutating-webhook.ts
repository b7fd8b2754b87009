import type { LabelSelector } from '../objects/label-selector.ts';
import type { ApiObject } from '../objects/object.ts';
import type { MatchCondition } from './match-conditions.ts';

/** One webhook of a stored `MutatingWebhookConfiguration`. */
export interface MutatingWebhook {
  readonly name: string;
  readonly clientConfig: {
    readonly url: string;
    /** PEM, in Base64. */
    readonly caBundle?: string;
  };
  readonly rules: readonly WebhookRule[];
  readonly failurePolicy: 'Fail' | 'Ignore';
  readonly namespaceSelector: LabelSelector;
  readonly objectSelector: LabelSelector;
  readonly timeoutSeconds: number;
  readonly admissionReviewVersions: readonly string[];
  readonly matchConditions: readonly MatchCondition[];
}

export interface WebhookRule {
  readonly operations: readonly string[];
  readonly apiGroups: readonly string[];
  readonly apiVersions: readonly string[];
  readonly resources: readonly string[];
  readonly scope: string;
}

export function webhooksOf(configuration: ApiObject): readonly MutatingWebhook[] {
  return configuration['webhooks'] as readonly MutatingWebhook[];
}
