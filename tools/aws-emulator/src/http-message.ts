import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** A request, read to its end. */
export interface Call {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer, ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Also of the answer to a HEAD request, whose `Content-Length` counts it. */
  readonly body?: string | Buffer;
}

const LARGEST_BODY = 1 << 20;

/**
 * Reads a request to its end.
 *
 * @throws TypeError for a target that is no URL, RangeError for a body of more than 1 MiB
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

/** @param now what the answer's `Date` says, in milliseconds since 1970: the SDK sets its clock by it */
export function send(
  response: ServerResponse,
  { status, headers = {}, body = '' }: Answer,
  now: number,
): void {
  response
    .writeHead(status, {
      date: new Date(now).toUTCString(),
      ...headers,
      'content-length': Buffer.byteLength(body),
    })
    .end(body);
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}
