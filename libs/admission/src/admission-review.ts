/** The two versions of the API. A review is answered in the version in which it came. */
export type AdmissionReviewVersion = 'admission.k8s.io/v1' | 'admission.k8s.io/v1beta1';

/** What the request does with the object. `CONNECT` opens a stream, as `kubectl exec` does. */
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

/** The user who makes the request, as the API server has authenticated it. */
export interface UserInfo {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/**
 * The request that the API server asks about. Anyone may have written `object` and `oldObject`. `decodeReview` looks into
 * them only with a check of its caller; without one, nothing has checked that they are a `T`.
 *
 * @see https://kubernetes.io/docs/reference/config-api/apiserver-admission.v1/
 */
export interface AdmissionRequest<T = unknown> {
  /** Identifies the review; the answer repeats it. */
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
  /** The object as the request wants it: absent in DELETE, the options in CONNECT. */
  readonly object?: T | null;
  /** The object as it is stored: only in UPDATE and DELETE. */
  readonly oldObject?: T | null;
  readonly dryRun?: boolean;
  readonly options?: unknown;
}

/** What the API server sends to a webhook. */
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
  /** A sentence for people. */
  readonly message: string;
}

/**
 * The answer to one request: it is allowed, perhaps with a patch, or refused with a status. `allow` and `deny` make it.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response
 */
export interface AdmissionResponse {
  /** The `uid` of the request. */
  readonly uid: string;
  readonly allowed: boolean;
  /** Why the request is refused; absent if it is allowed. */
  readonly status?: AdmissionStatus;
  /** Present together with `patch`. */
  readonly patchType?: 'JSONPatch';
  /** A JSON Patch, in Base64. */
  readonly patch?: string;
  /** Shown to the client. The API server may cut a warning of more than 120 characters. */
  readonly warnings?: readonly string[];
}

/** What a webhook answers to the API server, as JSON. */
export interface AdmissionReviewResponse {
  readonly apiVersion: AdmissionReviewVersion;
  readonly kind: 'AdmissionReview';
  readonly response: AdmissionResponse;
}
