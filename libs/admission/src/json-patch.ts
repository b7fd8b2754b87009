/** One operation of a JSON Patch. Paths are JSON Pointers; see `jsonPointer`. */
export type JsonPatchOperation =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string };

/** Operations that are applied in order, all or none. See RFC 6902. */
export type JsonPatch = readonly JsonPatchOperation[];
