import type { ApiObject } from './object.ts';
import type { Resource } from './resource.ts';
import { METADATA, sorted, struct } from './schema.ts';

const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Namespaces, as far as Secrets need them: a name and labels. */
export const NAMESPACES: Resource = {
  kind: 'Namespace',
  plural: 'namespaces',
  group: '',
  apiVersion: 'v1',
  namespaced: false,
  schema: struct({ metadata: METADATA }).transform(({ metadata }) => ({
    metadata: { ...metadata, labels: sorted({ ...metadata.labels, [NAME_LABEL]: metadata.name ?? '' }) },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  })),
  namePattern: /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
  problems: () => [],
  fields: ({ metadata }: ApiObject) => ({ 'metadata.name': metadata.name ?? '' }),
};
