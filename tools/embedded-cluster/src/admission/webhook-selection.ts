import type { Resource } from '../objects/resource.ts';
import { selects, type Labels } from '../storage/label-selector.ts';
import type { AdmissionRequest } from './admission.ts';
import { matchesConditions } from './match-conditions.ts';
import type { MutatingWebhook, WebhookRule } from './mutating-webhook.ts';

/** Whether a webhook wants to be asked about a write. */
export function isMeant(
  webhook: MutatingWebhook,
  resource: Resource,
  request: AdmissionRequest,
  namespaceLabels: Labels,
): boolean {
  const { rules = [], namespaceSelector, objectSelector, matchConditions } = webhook;
  const { operation, object, oldObject } = request;
  if (!rules.some((rule) => isRuled(rule, resource, operation))) return false;
  if (!selects(namespaceSelector, namespaceLabels)) return false;
  // Either the object before or after is enough, so that nobody escapes by taking a label off.
  const states = [object, oldObject].filter((state) => state !== undefined);
  if (!states.some(({ metadata }) => selects(objectSelector, metadata.labels))) return false;
  return object === undefined || matchesConditions(matchConditions, object);
}

function isRuled(
  { operations = [], apiGroups = [], apiVersions = [], resources = [], scope }: WebhookRule,
  resource: Resource,
  operation: string,
): boolean {
  const has = (values: readonly string[], ...any: string[]) => any.some((value) => values.includes(value));
  return (
    has(operations, operation, '*') &&
    has(apiGroups, resource.group, '*') &&
    has(apiVersions, 'v1', '*') &&
    has(resources, resource.plural, '*', '*/*') &&
    scope !== (resource.namespaced ? 'Cluster' : 'Namespaced')
  );
}
