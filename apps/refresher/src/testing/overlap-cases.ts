/** A case of two installations in a cluster. `tools/build/chart/check.sh` tests the chart with the same cases. */
export interface OverlapCase {
  readonly when: string;
  /** The values of this installation. Its release is `ecr-anywhere` in the namespace `ours`. */
  readonly values: object;
  /** The namespaceSelector that the chart renders from these values. */
  readonly selector: object;
  /** What is in the cluster: the whole MutatingWebhookConfiguration of the other installation. */
  readonly other: object;
  /** What the message calls the other installation; undefined if there is no overlap. */
  readonly overlaps?: string;
}

const LABEL = 'ecr-anywhere.centml.ai/namespace';
const ENABLED = { [LABEL]: 'enabled' };
const NAME = 'kubernetes.io/metadata.name';
const EVERYWHERE = { values: {}, selector: { matchLabels: ENABLED } };

/** An installation that serves named namespaces. It also serves the namespace of helm test. */
const named = (...namespaces: string[]) => ({
  values: { rbac: { namespaces } },
  selector: {
    matchLabels: ENABLED,
    matchExpressions: [{ key: NAME, operator: 'In', values: [...namespaces, 'ecr-anywhere-check-b10bd123'] }],
  },
});

/** An installation that serves namespaces with these labels. */
const labelled = (labels: Record<string, string>) => ({
  values: { namespaceSelector: { matchLabels: labels } },
  selector: { matchLabels: { ...ENABLED, ...labels } },
});

const other = (
  namespaceSelector: object | null,
  metadata: object = {},
  webhook = 'ecr-anywhere.centml.ai',
) => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'other', ...metadata },
  webhooks: [
    { name: 'first.example.com' },
    { name: webhook, ...(namespaceSelector && { namespaceSelector }) },
  ],
});

const isIn = (key: string, ...values: string[]) => ({
  matchLabels: ENABLED,
  matchExpressions: [{ key, operator: 'In', values }],
});

const OF_HELM = {
  annotations: { 'meta.helm.sh/release-name': 'pull', 'meta.helm.sh/release-namespace': 'theirs' },
};
const WITHOUT_RELEASE = 'MutatingWebhookConfiguration other may';

export const OVERLAP_CASES: readonly OverlapCase[] = [
  {
    when: 'both serve every enabled namespace',
    ...EVERYWHERE,
    other: other({ matchLabels: ENABLED }, OF_HELM),
    overlaps: 'MutatingWebhookConfiguration other, of the release pull in the namespace theirs, may',
  },
  {
    when: 'the other one was not installed by Helm, and has no selector',
    ...EVERYWHERE,
    other: other(null),
    overlaps: WITHOUT_RELEASE,
  },
  {
    when: 'only this one names its namespaces',
    ...named('one'),
    other: other({ matchLabels: ENABLED }),
    overlaps: WITHOUT_RELEASE,
  },
  {
    when: 'both name the same namespace',
    ...named('one', 'two'),
    other: other(isIn(NAME, 'two', 'three', 'other-check-12345678')),
    overlaps: WITHOUT_RELEASE,
  },
  {
    when: 'both name other namespaces',
    ...named('one', 'two'),
    other: other(isIn(NAME, 'three', 'other-check-12345678')),
  },
  {
    when: 'this one names namespaces, and the other one requires a label that these may have',
    ...named('one'),
    other: other({ matchLabels: { ...ENABLED, team: 'b' } }),
    overlaps: WITHOUT_RELEASE,
  },
  {
    when: 'both require another value of a label',
    ...labelled({ team: 'a', env: 'prod' }),
    other: other({ matchLabels: { ...ENABLED, team: 'b', env: 'prod' } }),
  },
  {
    when: 'the other one has a list of other values of a label',
    ...labelled({ team: 'a' }),
    other: other(isIn('team', 'b', 'c')),
  },
  {
    when: 'the list of values of the other one contains the value of this one',
    ...labelled({ team: 'a' }),
    other: other(isIn('team', 'b', 'a')),
    overlaps: WITHOUT_RELEASE,
  },
  {
    when: 'both require other labels: a namespace may have both',
    ...labelled({ team: 'a' }),
    other: other({ matchLabels: { ...ENABLED, env: 'prod' } }),
    overlaps: WITHOUT_RELEASE,
  },
  {
    when: 'the other one excludes values, which is not compared',
    ...labelled({ team: 'a' }),
    other: other({ matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['a'] }] }),
    overlaps: WITHOUT_RELEASE,
  },
  {
    when: 'the other one is being deleted',
    ...EVERYWHERE,
    other: other(null, { deletionTimestamp: '2026-01-02T03:04:05Z' }),
  },
  {
    when: 'the other one is the webhook of another product',
    ...EVERYWHERE,
    other: other(null, {}, 'webhook.cert-manager.io'),
  },
];
