import type { Resource } from '../objects/resource.ts';
import type { ApiObject } from '../objects/object.ts';

// Objects never change once they are made, so each is written as JSON once however often it is read.
const items = new WeakMap<ApiObject, string>();
const partials = new WeakMap<ApiObject, string>();

/** An object as it stands in a list: without its kind. */
export function encodedItem(object: ApiObject): string {
  return remembered(items, object, () => JSON.stringify(object));
}

/** An object as it is answered alone. */
export function encoded({ kind, apiVersion }: Resource, object: ApiObject): string {
  return `{"kind":"${kind}","apiVersion":"${apiVersion}",${encodedItem(object).slice(1)}`;
}

/** `PartialObjectMetadata`: everything of an object but what it holds. */
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
