import { Agent, request } from 'undici';

/** How to reach an API server, as its administrator or with the token of another user. */
export interface Connection {
  readonly url: string;
  /** PEM; for an API server that speaks TLS. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly token?: string;
  /** The user whom it impersonates. */
  readonly as?: string;
}

/** An answer of the API server: the object or a Status, and the warnings. */
export interface ApiAnswer<T = KubernetesObject> {
  readonly status: number;
  readonly warnings: readonly string[];
  readonly body: T;
}

/** A namespace, a Secret, or a Status. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly type?: string;
  readonly metadata?: {
    readonly name?: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
    readonly [field: string]: unknown;
  };
  readonly data?: Readonly<Record<string, string>>;
  /** The message of a Status. */
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly [field: string]: unknown;
}

export type PatchType = 'merge' | 'json' | 'strategic-merge' | 'apply';

/** A plain client for scenarios. An answer with an error status is not an exception. */
export interface KubernetesApi {
  get(path: string): Promise<ApiAnswer>;
  create(path: string, object: KubernetesObject): Promise<ApiAnswer>;
  replace(path: string, object: KubernetesObject): Promise<ApiAnswer>;
  patch(path: string, patch: unknown, type?: PatchType): Promise<ApiAnswer>;
  delete(path: string): Promise<ApiAnswer>;
  close(): Promise<void>;
}

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  'strategic-merge': 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

export function kubernetesApi({ url, token, as, ...tls }: Connection): KubernetesApi {
  const dispatcher = new Agent({ connect: tls, connections: 50 });

  const call = async (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: unknown,
    type = 'application/json',
  ): Promise<ApiAnswer> => {
    const response = await request(url + path, {
      method,
      dispatcher,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': type }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(as !== undefined && { 'impersonate-user': as }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      warnings: warnings(response.headers['warning']),
      body: parse(text),
    };
  };

  return {
    get: (path) => call('GET', path),
    create: (path, object) => call('POST', path, object),
    replace: (path, object) => call('PUT', path, object),
    patch: (path, patch, type = 'merge') => call('PATCH', path, patch, PATCH_TYPES[type]),
    delete: (path) => call('DELETE', path),
    close: () => dispatcher.close(),
  };
}

function parse(text: string): KubernetesObject {
  try {
    return JSON.parse(text) as KubernetesObject;
  } catch {
    return { message: text };
  }
}

/** The texts of `299 - "text"` headers. */
function warnings(header: string | string[] | undefined): string[] {
  return [header ?? []]
    .flat()
    .flatMap((line) => [...line.matchAll(/\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)])
    .map(([, text = '']) => text.replaceAll(/\\(.)/g, '$1'));
}
