import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from './api-error.ts';
import type { Api } from './api.ts';
import { faultyAnswer, type ApiFaults } from './faults.ts';
import type { ApiReply, ApiRequest } from './resource-api.ts';

const LARGEST_BODY = 3 * 1024 * 1024;

/** What the HTTP side needs. */
export interface ApiServerOptions {
  readonly api: Api;
  readonly faults: ApiFaults;
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Told of every request. */
  onRequest(method: string): void;
}

/** The API over HTTP, or HTTPS with a certificate; it does not listen yet. */
export function createApiServer({ api, faults, tls, onRequest }: ApiServerOptions): Server {
  const closed = new AbortController();
  const listener: RequestListener = (message, response) => {
    handle(message, response).catch(() => response.destroy());
  };
  const handle = async (message: IncomingMessage, response: ServerResponse) => {
    const method = message.method ?? 'GET';
    const url = new URL(message.url ?? '/', 'http://cluster');
    onRequest(method);
    const body = await read(message);
    const fault = faults.strike(method, url);
    if (fault?.kind === 'reset') return void message.socket.destroy();
    if (fault?.kind === 'latency') await sleep(fault.milliseconds, undefined, { signal: closed.signal });
    const reply = await answer(api, requestOf(method, url, message, body), faultyAnswer(fault, url));
    if (fault?.kind === 'lost-answer') return void message.socket.destroy();
    send(response, reply);
  };
  const options = { keepAliveTimeout: 120_000 };
  const server =
    tls === undefined ? createServer(options, listener) : createTlsServer({ ...options, ...tls }, listener);
  return server.on('close', () => closed.abort());
}

async function answer(
  api: Api,
  request: ApiRequest | undefined,
  fault: ApiError | undefined,
): Promise<ApiReply & { retryAfterSeconds?: number | undefined }> {
  try {
    if (fault !== undefined) throw fault;
    if (request === undefined)
      throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${LARGEST_BODY}`);
    return await api.answer(request);
  } catch (error) {
    const failure =
      error instanceof ApiError
        ? error
        : new ApiError(500, 'InternalError', `embedded cluster: ${String(error)}`);
    const { code, warnings, details } = failure;
    const { retryAfterSeconds } = details ?? {};
    return { code, warnings, body: JSON.stringify(failure.toStatus()), retryAfterSeconds };
  }
}

function requestOf(
  method: string,
  url: URL,
  { headers }: IncomingMessage,
  body: Buffer | undefined,
): ApiRequest | undefined {
  if (body === undefined) return undefined;
  const contentType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
  return { method, url, accept: headers.accept ?? '', contentType, body };
}

/** @returns undefined where it is too large */
async function read(message: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= LARGEST_BODY) chunks.push(chunk);
  }
  return size <= LARGEST_BODY ? Buffer.concat(chunks) : undefined;
}

function send(
  response: ServerResponse,
  {
    code,
    body,
    contentType = 'application/json',
    warnings = [],
    retryAfterSeconds,
  }: Awaited<ReturnType<typeof answer>>,
): void {
  const lines = warningLines(warnings);
  if (lines.length > 0) response.setHeader('warning', lines);
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
  // As a buffer: a text would be sent in one piece with the headers, and theirs is another encoding.
  const bytes = Buffer.from(body);
  response.writeHead(code, { 'content-type': contentType, 'content-length': bytes.length }).end(bytes);
}

/** `299 - "text"`, each once; what a header cannot carry is left out. In UTF-8, byte by byte, as Go writes it. */
function warningLines(warnings: readonly string[]): string[] {
  return [...new Set(warnings)]
    .filter((text) => text !== '' && !/\p{Cc}/u.test(text))
    .map((text) => `299 - "${text.replaceAll(/[\\"]/g, '\\$&')}"`)
    .map((line) => Buffer.from(line).toString('latin1'));
}
