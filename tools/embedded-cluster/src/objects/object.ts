/** Metadata of an object, as far as this cluster knows it. */
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
 * An object as it is held: only known fields, in the order in which the API server writes them, nothing empty. Its kind
 * and apiVersion are the resource's and are added where it is written out. Never changed, only replaced.
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

/** A stored object: what the API server adds is there. */
export interface Stored extends ApiObject {
  readonly metadata: ObjectMeta & {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp: string;
  };
}

/** The time in the form of the API server: whole seconds, UTC. */
export function timestamp(time = Date.now()): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
