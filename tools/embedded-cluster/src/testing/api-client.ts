import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** An object, a list or a Status, with the fields that specs look at. */
export interface ApiBody {
  readonly kind?: string;
  readonly apiVersion?: string;
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
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly items: readonly ApiBody[];
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly details?: unknown;
  readonly [field: string]: unknown;
}

export interface ApiAnswer {
  readonly status: number;
  readonly warnings: readonly string[];
  readonly retryAfter: string | undefined;
  readonly contentType: string | undefined;
  readonly text: string;
  readonly body: ApiBody;
}

/** Where an API server is, and as whom it is asked. */
export interface ApiConnection {
  readonly url: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export type ApiCall = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Readonly<Record<string, string>>,
) => Promise<ApiAnswer>;

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

/** The header of a kind of patch. */
export function patchType(kind: keyof typeof PATCH_TYPES): Record<string, string> {
  return { 'content-type': PATCH_TYPES[kind] };
}

/** A plain client: any bytes may be sent, and every answer is an answer. A PATCH is a merge patch unless it says. */
export class ApiClient {
  readonly #agent;

  constructor(private readonly connection: ApiConnection) {
    const { url, ca, cert, key } = connection;
    this.#agent = url.startsWith('https:')
      ? new HttpsAgent({ keepAlive: true, ca, cert, key })
      : new HttpAgent({ keepAlive: true });
  }

  readonly call: ApiCall = async (method, path, body, headers = {}) => {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const send = this.connection.url.startsWith('https:') ? httpsRequest : httpRequest;
    const type = method === 'PATCH' ? PATCH_TYPES.merge : 'application/json';
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = send(this.connection.url + path, {
        method,
        agent: this.#agent,
        headers: {
          accept: 'application/json',
          ...(text !== undefined && { 'content-type': type, 'content-length': Buffer.byteLength(text) }),
          ...headers,
        },
      });
      call.on('response', resolve).on('error', reject).end(text);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    const answer = Buffer.concat(chunks).toString();
    return {
      status: response.statusCode ?? 0,
      warnings: warnings(response),
      retryAfter: response.headers['retry-after'],
      contentType: response.headers['content-type'],
      text: answer,
      body: parse(answer),
    };
  };

  readonly close = (): void => {
    this.#agent.destroy();
  };
}

function parse(text: string): ApiBody {
  try {
    return JSON.parse(text) as ApiBody;
  } catch {
    return { metadata: {}, items: [] };
  }
}

/** Their texts. Node hands headers on byte by byte. */
function warnings({ rawHeaders }: IncomingMessage): string[] {
  return rawHeaders
    .filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === 'warning')
    .map((line) => Buffer.from(line, 'latin1').toString())
    .map((line) => /^299 - "(.*)"$/s.exec(line)?.[1] ?? line);
}
