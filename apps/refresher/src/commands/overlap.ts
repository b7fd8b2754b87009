import type { LabelSelector, WebhookConfiguration } from '../kubernetes/webhook-configurations.ts';

// The chart makes the same decision while it renders (templates/webhook/_overlap.tpl).
// testing/overlap-cases.ts tests both.

/**
 * Says what to do if both webhooks may be called for the same Secret. Undefined if the selectors show that no namespace
 * belongs to both installations. Which namespaces exist at the moment does not matter.
 */
export function overlapOf(own: WebhookConfiguration, other: WebhookConfiguration): string | undefined {
  const isOther = other.name !== own.name && !other.isBeingDeleted;
  if (!isOther || areDisjoint(own.namespaceSelector, other.namespaceSelector)) return undefined;
  const { release } = other;
  const owner = release ? `, of the release ${release.name} in the namespace ${release.namespace},` : '';
  return (
    `the MutatingWebhookConfiguration ${other.name}${owner} may select the same namespaces as ${own.name}: ` +
    'give both installations rbac.namespaces that have no name in common, or a different value for the same label in ' +
    'namespaceSelector.matchLabels, or uninstall one of them'
  );
}

/** Whether both selectors require the same label, with no value in common. */
function areDisjoint(one: LabelSelector, other: LabelSelector): boolean {
  const others = requirements(other);
  return requirements(one).some(({ key, values }) =>
    others.some(
      (required) => required.key === key && !required.values.some((value) => values.includes(value)),
    ),
  );
}

interface Requirement {
  readonly key: string;
  /** The label has one of these values. */
  readonly values: readonly string[];
}

/** The labels for which a selector names the values. Other operators, such as NotIn, do not show that selectors are disjoint. */
function requirements({ matchLabels, matchExpressions }: LabelSelector): Requirement[] {
  return [
    ...Object.entries(matchLabels ?? {}).map(([key, value]) => ({ key, values: [value] })),
    ...(matchExpressions ?? []).flatMap(({ key, operator, values }) =>
      operator === 'In' ? [{ key, values: values ?? [] }] : [],
    ),
  ];
}
