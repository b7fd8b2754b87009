import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { faultyAnswer, type ApiFaults } from '../faults.ts';
import { ApiError } from '../objects/api-error.ts';
import type { Api } from './api.ts';
import type { ApiReply, ApiRequest } from './resource-api.ts';

const LARGEST_BODY = 3 * 1024 * 1024;

/** What the HTTP side needs. */
export interface ApiServerOptions {
  readonly api: Api;
  readonly faults: ApiFaults;
  /** PEM. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
}

/** The API over HTTP, or over HTTPS with a certificate. It does not listen yet. */
export function createApiServer({ api, faults, tls }: ApiServerOptions): Server {
  const closed = new AbortController();
  const handle = async (message: IncomingMessage, response: ServerResponse) => {
    const method = message.method ?? 'GET';
    const url = new URL(message.url ?? '/', 'http://cluster');
    const body = await buffer(message);
    const fault = faults.strike(method, url);
    if (fault?.kind === 'reset') return void message.socket.destroy();
    if (fault?.kind === 'latency') await sleep(fault.milliseconds, undefined, { signal: closed.signal });
    const reply = await answer(api, requestOf(method, url, message, body), faultyAnswer(fault, url));
    if (fault?.kind === 'lost-answer') return void message.socket.destroy();
    send(response, reply);
  };
  const listener: RequestListener = (message, response) => {
    handle(message, response).catch(() => response.destroy());
  };
  const options = { keepAliveTimeout: 120_000 };
  const server =
    tls === undefined ? createServer(options, listener) : createTlsServer({ ...options, ...tls }, listener);
  return server.on('close', () => closed.abort());
}

async function answer(
  api: Api,
  request: ApiRequest,
  fault: ApiError | undefined,
): Promise<ApiReply & { retryAfterSeconds?: number | undefined }> {
  try {
    if (fault !== undefined) throw fault;
    if (request.body.length > LARGEST_BODY)
      throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${LARGEST_BODY}`);
    return await api.answer(request);
  } catch (error) {
    const failure =
      error instanceof ApiError
        ? error
        : new ApiError(500, 'InternalError', `embedded cluster: ${String(error)}`);
    const { code, warnings, details } = failure;
    return {
      code,
      warnings,
      body: JSON.stringify(failure.toStatus()),
      retryAfterSeconds: details?.retryAfterSeconds,
    };
  }
}

function requestOf(method: string, url: URL, { headers }: IncomingMessage, body: Buffer): ApiRequest {
  const contentType = (headers['content-type'] ?? '').split(';', 1)[0]?.trim() ?? '';
  return { method, url, accept: headers.accept ?? '', contentType, body };
}

function send(
  response: ServerResponse,
  { code, body, warnings = [], retryAfterSeconds }: Awaited<ReturnType<typeof answer>>,
): void {
  const lines = warningLines(warnings);
  if (lines.length > 0) response.setHeader('warning', lines);
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds));
  // A Buffer: Node would send a string together with the headers, in their encoding.
  const bytes = Buffer.from(body);
  response.writeHead(code, { 'content-type': 'application/json', 'content-length': bytes.length }).end(bytes);
}

/** `299 - "text"`, each text once, in UTF-8. Texts with control characters are left out. */
function warningLines(warnings: readonly string[]): string[] {
  return [...new Set(warnings)]
    .filter((text) => text !== '' && !/\p{Cc}/u.test(text))
    .map((text) => `299 - "${text.replaceAll(/[\\"]/g, '\\$&')}"`)
    .map((line) => Buffer.from(line).toString('latin1'));
}
