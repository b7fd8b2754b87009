import type { IncomingMessage } from 'node:http';

const MIB = 1024 * 1024;

/** How much of bodies is held in memory. */
export interface BodyLimits {
  /** Most bytes of one body. */
  readonly largest: number;
  /** Most bytes of all bodies together. Asked each time that more of a request has arrived. */
  readonly room: (request: IncomingMessage) => number;
}

export const LARGEST_BODY = 8 * MIB;

/** A body was not read to its end. The message is for the client. */
export class BodyError extends Error {
  override readonly name = 'BodyError';
  readonly expose = true;

  constructor(
    readonly status: 400 | 413 | 503,
    message: string,
  ) {
    super(message);
  }
}

const EMPTY: Buffer = Buffer.alloc(0);

/** At module level: it stays with the request, and a closure in `read` would keep the body in memory. */
const ignore = () => undefined;

export interface BodyReader {
  /** Bytes of all bodies that are being read. */
  readonly bytes: number;
  /** @throws BodyError */
  read(request: IncomingMessage): Promise<Buffer>;
}

interface Reading {
  bytes: number;
  refuse(error: BodyError): void;
}

/**
 * Reads bodies into memory that all of them share, so that nobody can fill it by sending many bodies and finishing none.
 * When it is full, the largest body is refused, so that a review of common size never is.
 */
export function bodyReader({ largest, room }: BodyLimits): BodyReader {
  const underWay = new Set<Reading>();
  let total = 0;
  const tooLarge = () => new BodyError(413, `The body is larger than ${largest / MIB} MiB`);

  const refuseLargest = () => {
    let first: Reading | undefined;
    for (const one of underWay) if (first === undefined || one.bytes > first.bytes) first = one;
    first?.refuse(new BodyError(503, 'Too many large bodies are under way; try again'));
  };

  const read = (request: IncomingMessage) =>
    new Promise<Buffer>((resolve, reject) => {
      const length = Number(request.headers['content-length'] ?? 0);
      if (length > largest) return reject(tooLarge());
      let body = EMPTY;
      const add = (chunk: Buffer) => {
        body = append(body, reading.bytes, chunk, length);
        reading.bytes += chunk.length;
        total += chunk.length;
        if (reading.bytes > largest) reading.refuse(tooLarge());
        else if (total > room(request)) refuseLargest();
      };
      const finish = () => {
        end();
        resolve(body.subarray(0, reading.bytes));
        body = EMPTY;
      };
      const fail = () => reading.refuse(new BodyError(400, 'The body has no end'));
      const end = () => {
        request.off('data', add).off('end', finish).off('close', fail);
        underWay.delete(reading);
        total -= reading.bytes;
      };
      const reading: Reading = {
        bytes: 0,
        refuse(error) {
          end();
          request.pause();
          body = EMPTY;
          reject(error);
        },
      };
      underWay.add(reading);
      request.on('error', ignore); // 'close' follows
      request.on('data', add).on('end', finish).on('close', fail);
    });
  return {
    read,
    get bytes() {
      return total;
    },
  };
}

/**
 * Appends a chunk to the first bytes of a buffer. If it is full, a larger buffer takes its place: of the announced length, or
 * twice as large. Chunks are not collected in a list, since each takes a hundred bytes of memory and may hold a single byte.
 * The first chunk is not copied, since mostly it is the only one.
 */
function append(buffer: Buffer, bytes: number, chunk: Buffer, length: number): Buffer {
  if (bytes === 0) return chunk;
  const needed = bytes + chunk.length;
  // The kernel gives memory only when it is written to, so that announcing a large body takes none.
  const target =
    needed <= buffer.length ? buffer : Buffer.allocUnsafeSlow(Math.max(needed, length || 2 * bytes));
  if (target !== buffer) buffer.copy(target, 0, 0, bytes);
  chunk.copy(target, bytes);
  return target;
}
