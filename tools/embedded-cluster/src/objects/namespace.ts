import { METADATA } from './metadata.ts';
import { labelProblems } from './names.ts';
import type { ApiObject, Stored } from './object.ts';
import type { Resource } from './resource.ts';
import { anything, struct } from './schema.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Namespaces, as far as other objects need them: a name and labels. */
export const NAMESPACES: Resource = {
  kind: 'Namespace',
  plural: 'namespaces',
  group: '',
  apiVersion: 'v1',
  namespaced: false,
  shape: struct('v1.Namespace', { metadata: METADATA, spec: anything(), status: anything() }),
  nameProblems: labelProblems,
  complete: ({ metadata }) => ({
    metadata: withNameLabel(metadata),
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }),
  keep: ({ metadata }, { spec, status }) => ({ metadata, spec, status }),
  errors: () => [],
  updateErrors: () => [],
  fields: (namespace) => ({
    'metadata.name': namespace.metadata.name ?? '',
    name: namespace.metadata.name ?? '',
    'status.phase': isTerminating(namespace) ? 'Terminating' : 'Active',
  }),
};

/** Whether nothing new may be written there any more. */
export function isTerminating({ status }: ApiObject): boolean {
  return (status as { phase?: string } | undefined)?.phase === 'Terminating';
}

export function terminating(namespace: Stored, deletionTimestamp: string): Stored {
  const { metadata, spec } = namespace;
  return { metadata: { ...metadata, deletionTimestamp }, spec, status: { phase: 'Terminating' } };
}

function withNameLabel({ name, labels, ...metadata }: ApiObject['metadata']): ApiObject['metadata'] {
  if (name === undefined) return { ...metadata, ...(labels && { labels }) };
  const all = Object.entries({ ...labels, [NAME_LABEL]: name }).sort(([a], [b]) => (a < b ? -1 : 1));
  return { name, ...metadata, labels: Object.fromEntries(all) };
}
