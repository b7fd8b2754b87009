/** Metadata of an object, as far as this cluster knows it. */
export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  [field: string]: unknown;
}

/** An object of the API. */
export interface ApiObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
  [field: string]: unknown;
}

export interface Secret extends ApiObject {
  type?: string;
  immutable?: boolean;
  data?: Record<string, string> | null;
  stringData?: Record<string, string>;
}

/** A stored object: what the API server adds is there. */
export interface Stored extends ApiObject {
  metadata: ObjectMeta & { name: string; uid: string; resourceVersion: string };
}
