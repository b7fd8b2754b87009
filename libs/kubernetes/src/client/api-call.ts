/** A request to the API server. */
export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** The answer contains metadata only. Without it, the answer contains the whole object. */
  readonly as?: 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** For POST an object, for PATCH a merge patch. */
  readonly content?: unknown;
}

/** A successful answer. A list may also be answered with 410: its continue token has expired. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  /** Warnings of the API server and of the webhooks that it called, each in one line. */
  readonly warnings?: readonly string[];
}

/** Makes requests to an API server. They throw `KubernetesError`. */
export type ApiClient = (call: ApiCall) => Promise<ApiAnswer>;
