import type { ApiObject } from '../objects/object.ts';
import type { Resource } from '../objects/resource.ts';

// An object never changes, so each is encoded once, however often it is read.
const items = new WeakMap<ApiObject, string>();
const partials = new WeakMap<ApiObject, string>();

/** An object as an item of a list: without its kind. */
export function encodedItem(object: ApiObject): string {
  return remembered(items, object, () => JSON.stringify(object));
}

/** An object as the whole answer. */
export function encoded({ kind, apiVersion }: Resource, object: ApiObject): string {
  return `{"kind":"${kind}","apiVersion":"${apiVersion}",${encodedItem(object).slice(1)}`;
}

/** The `PartialObjectMetadata` of an object. */
export function encodedMetadata(object: ApiObject): string {
  return remembered(partials, object, () =>
    JSON.stringify({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: object.metadata,
    }),
  );
}

function remembered(known: WeakMap<ApiObject, string>, object: ApiObject, encode: () => string): string {
  let text = known.get(object);
  if (text === undefined) known.set(object, (text = encode()));
  return text;
}
