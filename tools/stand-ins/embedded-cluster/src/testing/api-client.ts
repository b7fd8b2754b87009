import { Agent, request, type Dispatcher } from 'undici';

/** An object, a list or a Status, with the fields that specs look at. */
export interface ApiBody {
  readonly kind?: string;
  readonly metadata: {
    readonly name?: string;
    readonly namespace?: string;
    readonly generateName?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly finalizers?: readonly string[];
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly items: readonly ApiBody[];
  readonly message?: string;
  readonly reason?: string;
  readonly details?: unknown;
  readonly [field: string]: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly warnings: readonly string[];
  readonly retryAfter: string | undefined;
  readonly text: string;
  readonly body: ApiBody;
}

/** Where an API server is, and the client's certificate. PEM. */
export interface ApiConnection {
  readonly url: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export type ApiCall = (
  method: Dispatcher.HttpMethod,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<ApiAnswer>;

export const JSON_PATCH = { 'content-type': 'application/json-patch+json' };

/** A plain client. It sends strings as they are, and a failure is an answer too. A PATCH is a merge patch by default. */
export class ApiClient {
  readonly #agent: Agent;

  constructor(private readonly connection: ApiConnection) {
    const { url: _, ...tls } = connection;
    this.#agent = new Agent({ connect: tls });
  }

  readonly call: ApiCall = async (method, path, body, headers = {}) => {
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await request(this.connection.url + path, {
      method,
      dispatcher: this.#agent,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': type }),
        ...headers,
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      warnings: [answer.headers['warning'] ?? []].flat().map(warningText),
      retryAfter: answer.headers['retry-after']?.toString(),
      text,
      body: JSON.parse(text) as ApiBody,
    };
  };

  readonly close = (): Promise<void> => this.#agent.destroy();
}

/** The API server sends UTF-8, undici reads Latin-1. */
function warningText(header: string): string {
  const line = Buffer.from(header, 'latin1').toString();
  return /^299 - "(.*)"$/s.exec(line)?.[1] ?? line;
}
