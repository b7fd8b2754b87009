/** The two versions of the API that an API server may speak; a review is answered in the version that it came in. */
export type AdmissionReviewVersion = 'admission.k8s.io/v1' | 'admission.k8s.io/v1beta1';

/** What is to be done with the object; `CONNECT` opens a stream, as `kubectl exec` does. */
export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** Names a type of object, such as `{ group: '', version: 'v1', kind: 'Secret' }`. */
export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Names a resource, such as `{ group: '', version: 'v1', resource: 'secrets' }`. */
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

/** Who makes the request, as the API server authenticated them. */
export interface UserInfo {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/**
 * What the API server asks about. `object` and `oldObject` are whatever was sent: decoding a review looks into them only
 * with the caller's own check, and otherwise `T` is a promise of the caller's.
 *
 * @see https://kubernetes.io/docs/reference/config-api/apiserver-admission.v1/
 */
export interface AdmissionRequest<T = unknown> {
  /** Identifies this one question; the answer repeats it. */
  readonly uid: string;
  readonly kind: GroupVersionKind;
  readonly resource: GroupVersionResource;
  readonly subResource?: string;
  readonly requestKind?: GroupVersionKind;
  readonly requestResource?: GroupVersionResource;
  readonly requestSubResource?: string;
  /** Empty or absent on a CREATE that leaves the name to the API server (`generateName`). */
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: AdmissionOperation;
  readonly userInfo?: UserInfo;
  /** The object as it is asked for; none of DELETE, and of CONNECT its options. */
  readonly object?: T | null;
  /** The object as it is stored; only of UPDATE and DELETE. */
  readonly oldObject?: T | null;
  readonly dryRun?: boolean;
  readonly options?: unknown;
}

/** A question of the API server's. */
export interface AdmissionReview<T = unknown> {
  readonly apiVersion: AdmissionReviewVersion;
  readonly kind: 'AdmissionReview';
  readonly request: AdmissionRequest<T>;
}

/** Why a request is refused, in the form of a Kubernetes `Status`. */
export interface AdmissionStatus {
  /** An HTTP status code. */
  readonly code: number;
  /** A machine-readable word, such as `Forbidden` or `ServiceUnavailable`. */
  readonly reason: string;
  /** For people. */
  readonly message: string;
}

/**
 * The answer to one request: a yes, perhaps with a patch, or a no with a status. `allow` and `deny` make it.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
export interface AdmissionResponse {
  /** That of the request. */
  readonly uid: string;
  readonly allowed: boolean;
  /** Why not; only with a no. */
  readonly status?: AdmissionStatus;
  /** Goes with `patch`. */
  readonly patchType?: 'JSONPatch';
  /** A JSON Patch, in Base64. */
  readonly patch?: string;
  /** Shown to whoever makes the request; more than 120 characters may be cut. */
  readonly warnings?: readonly string[];
}

/** An answer to the API server, ready to be sent as JSON. */
export interface AdmissionReviewResponse {
  readonly apiVersion: AdmissionReviewVersion;
  readonly kind: 'AdmissionReview';
  readonly response: AdmissionResponse;
}
