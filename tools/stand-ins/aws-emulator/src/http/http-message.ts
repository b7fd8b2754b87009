import { createReadStream } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream';

/** A request with its whole body. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Content in a file. It is read when it is sent. */
export interface FileContent {
  readonly path: string;
  /** In bytes. */
  readonly size: number;
}

/** An answer. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Present for a HEAD request too, for the `Content-Length`. */
  readonly body?: string | Buffer | FileContent;
}

const LARGEST_BODY = 1 << 20;

/**
 * Reads a request to its end.
 *
 * @throws TypeError if the target is not a URL, RangeError for a body of more than 1 MiB
 */
export async function readCall(request: IncomingMessage): Promise<Call> {
  const url = new URL(request.url ?? '/', 'http://emulator');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_BODY) throw new RangeError('The body is too large');
    chunks.push(chunk);
  }
  return { method: request.method ?? 'GET', url, headers: request.headers, body: Buffer.concat(chunks) };
}

/** @param now the time for the `Date` header, in milliseconds since 1970. The SDK adjusts its clock to it. */
export function send(
  response: ServerResponse,
  { status, headers = {}, body = '' }: Answer,
  now: number,
): void {
  const isFile = typeof body === 'object' && 'path' in body;
  response.writeHead(status, {
    date: new Date(now).toUTCString(),
    ...headers,
    'content-length': isFile ? body.size : Buffer.byteLength(body),
  });
  if (!isFile) response.end(body);
  else if (response.req.method === 'HEAD') response.end();
  // If the file cannot be read, the connection is closed.
  else pipeline(createReadStream(body.path), response, () => undefined);
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}
