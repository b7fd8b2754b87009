import {
  forbidden,
  immutableField,
  invalidValue,
  required,
  tooLong,
  type FieldError,
} from './field-error.ts';
import { labelValueProblems, qualifiedNameProblems } from './names.ts';
import type { ObjectMeta, Stored } from './object.ts';
import { anything, dropped, integer, list, map, struct, text, time } from './schema.ts';

/** How metadata is read. What says who wrote which field (`managedFields`) is not kept here. */
export const METADATA = struct('v1.ObjectMeta', {
  name: text(),
  generateName: text(),
  namespace: text(),
  selfLink: dropped(),
  uid: text('types.UID'),
  resourceVersion: text(),
  generation: integer(),
  creationTimestamp: time(),
  deletionTimestamp: time(),
  deletionGracePeriodSeconds: anything(),
  labels: map(text(), 'map[string]string'),
  annotations: map(text(), 'map[string]string'),
  ownerReferences: list(anything(), '[]v1.OwnerReference'),
  finalizers: list(text(), '[]string'),
  managedFields: dropped(),
});

const ORDER = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
] as const satisfies readonly (keyof ObjectMeta)[];

/** The same, in the order of the API server, so that equal objects have equal texts. */
export function inOrder(metadata: ObjectMeta): ObjectMeta {
  return Object.fromEntries(
    ORDER.filter((field) => metadata[field] !== undefined).map((field) => [field, metadata[field]]),
  );
}

const LARGEST_ANNOTATIONS = 256 * 1024;
const STANDARD_FINALIZERS = ['orphan', 'foregroundDeletion', 'kubernetes'];

/** apimachinery's `ValidateObjectMeta`. */
export function metadataErrors(
  metadata: ObjectMeta,
  nameProblems: (name: string) => readonly string[],
): FieldError[] {
  const { name = '', generateName = '', finalizers = [] } = metadata;
  // What is appended makes a trailing dash good.
  const generated = generateName === '' ? [] : nameProblems(generateName.replace(/-$/, 'a'));
  return [
    ...generated.map((problem) => invalidValue('metadata.generateName', generateName, problem)),
    ...(name === ''
      ? [required('metadata.name', 'name or generateName is required')]
      : nameProblems(name).map((problem) => invalidValue('metadata.name', name, problem))),
    ...labelErrors(metadata),
    ...annotationErrors(metadata),
    ...finalizers.flatMap((finalizer, index) => finalizerErrors(finalizer, `metadata.finalizers[${index}]`)),
  ];
}

/** apimachinery's `ValidateObjectMetaUpdate`, which looks at labels and annotations once more. */
export function metadataUpdateErrors(metadata: ObjectMeta, { metadata: old }: Stored): FieldError[] {
  const before = new Set(old.finalizers);
  const added = (metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer)).sort();
  return [
    ...(old.deletionTimestamp !== undefined && added.length > 0
      ? [
          forbidden(
            'metadata.finalizers',
            `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`,
          ),
        ]
      : []),
    ...(['name', 'namespace', 'uid', 'deletionTimestamp'] as const).flatMap((field) =>
      immutableField(`metadata.${field}`, old[field], metadata[field]),
    ),
    ...labelErrors(metadata),
    ...annotationErrors(metadata),
  ];
}

function labelErrors({ labels = {} }: ObjectMeta): FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((problem) => invalidValue('metadata.labels', key, problem)),
    ...labelValueProblems(value).map((problem) => invalidValue('metadata.labels', value, problem)),
  ]);
}

function annotationErrors({ annotations = {} }: ObjectMeta): FieldError[] {
  const size = Object.entries(annotations)
    .flat()
    .reduce((sum, one) => sum + Buffer.byteLength(one), 0);
  return [
    ...Object.keys(annotations).flatMap((key) =>
      qualifiedNameProblems(key.toLowerCase()).map((problem) =>
        invalidValue('metadata.annotations', key, problem),
      ),
    ),
    ...(size > LARGEST_ANNOTATIONS ? [tooLong('metadata.annotations', LARGEST_ANNOTATIONS)] : []),
  ];
}

function finalizerErrors(finalizer: string, field: string): FieldError[] {
  const problems = qualifiedNameProblems(finalizer);
  if (problems.length === 0 && !finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer)) {
    problems.push('name is neither a standard finalizer name nor is it fully qualified');
  }
  return problems.map((problem) => invalidValue(field, finalizer, problem));
}
