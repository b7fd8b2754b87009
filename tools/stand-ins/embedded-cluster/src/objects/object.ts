/** The metadata fields that this cluster knows. */
export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly unknown[];
  readonly finalizers?: readonly string[];
}

/**
 * An object as the store holds it: only known fields, always in the same order, without empty values. So equal objects
 * have equal texts. An object is never changed, only replaced. Its kind and apiVersion are added when it is written out.
 */
export interface ApiObject {
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface Secret extends ApiObject {
  readonly immutable?: boolean;
  /** Base64 by key. */
  readonly data?: Readonly<Record<string, string>>;
  readonly type?: string;
}

/** A stored object, with the fields that the API server sets. */
export interface Stored extends ApiObject {
  readonly metadata: ObjectMeta & {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
  };
}

/** A time in the format of the API server: whole seconds, UTC. */
export function timestamp(time = Date.now()): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
