import { selects, type Labels } from '../objects/label-selector.ts';
import type { Resource } from '../objects/resource.ts';
import type { AdmissionRequest } from './admission-request.ts';
import { matchesConditions } from './match-conditions.ts';
import type { MutatingWebhook, WebhookRule } from './mutating-webhook.ts';

/** Whether the API server calls a webhook for a request. */
export function isSelected(
  { rules, namespaceSelector, objectSelector, matchConditions }: MutatingWebhook,
  resource: Resource,
  { operation, object, oldObject }: AdmissionRequest,
  namespaceLabels: Labels,
): boolean {
  // The old or the new object is enough, so that nobody avoids the webhook by removing a label.
  const states = [object, oldObject].filter((state) => state !== undefined);
  return (
    rules.some((rule) => applies(rule, resource, operation)) &&
    selects(namespaceSelector, namespaceLabels) &&
    states.some(({ metadata }) => selects(objectSelector, metadata.labels)) &&
    (object === undefined || matchesConditions(matchConditions, object))
  );
}

function applies(
  { operations, apiGroups, apiVersions, resources, scope }: WebhookRule,
  { group, plural, namespaced }: Resource,
  operation: string,
): boolean {
  const has = (values: readonly string[], ...any: string[]) => any.some((value) => values.includes(value));
  return (
    has(operations, operation, '*') &&
    has(apiGroups, group, '*') &&
    has(apiVersions, 'v1', '*') &&
    has(resources, plural, '*', '*/*') &&
    scope !== (namespaced ? 'Cluster' : 'Namespaced')
  );
}
