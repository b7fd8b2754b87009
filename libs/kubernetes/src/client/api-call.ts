/** A request, by its path below the API server's URL. */
export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Asks for metadata alone: `PartialObjectMetadata` or its list. */
  readonly as: 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** An object to POST, or a merge patch. */
  readonly content?: unknown;
}

/** An answer that succeeded, or to a list the 410 of an old continue token. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
  /** What came with it, in one line each: of the API server, and of webhooks that it has called. */
  readonly warnings?: readonly string[];
}

/** Makes requests to an API server. They throw `KubernetesError`. */
export type ApiClient = (call: ApiCall) => Promise<ApiAnswer>;
