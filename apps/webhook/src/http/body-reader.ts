import type { IncomingMessage } from 'node:http';

const MIB = 1024 * 1024;

/** How much is read. */
export interface BodyLimits {
  /** Bytes of one body. */
  readonly largest: number;
  /** Bytes of all bodies under way together, as things are now that more has come of a request. */
  readonly room: (request: IncomingMessage) => number;
}

/** Of one body. */
export const LARGEST_BODY = 8 * MIB;

/** A body was not read to its end. The message is for the caller. */
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

/** Out here, as it stays with the request, and a function holds on to whatever it can see. */
const ignore = () => undefined;

/** Reads bodies. */
export interface BodyReader {
  /** Of all bodies under way. */
  readonly bytes: number;
  /** @throws BodyError */
  read(request: IncomingMessage): Promise<Buffer>;
}

interface Reading {
  bytes: number;
  refuse(error: BodyError): void;
}

/**
 * Reads bodies into the room that all of them share: nobody can fill the memory by sending many and finishing none. Where
 * it is full, the largest of them is refused, so that reviews of common size never are.
 */
export function bodyReader({ largest, room }: BodyLimits): BodyReader {
  const underWay = new Set<Reading>();
  let total = 0;
  const tooLarge = () => new BodyError(413, `The body is larger than ${largest / MIB} MiB`);

  const spent = () => {
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
        else if (total > room(request)) spent();
      };
      const finish = () => {
        settle();
        resolve(body.subarray(0, reading.bytes));
        body = EMPTY;
      };
      const lost = () => reading.refuse(new BodyError(400, 'The body has no end'));
      const settle = () => {
        request.off('data', add).off('end', finish).off('close', lost);
        underWay.delete(reading);
        total -= reading.bytes;
      };
      const reading: Reading = {
        bytes: 0,
        refuse(error) {
          settle();
          request.pause();
          body = EMPTY;
          reject(error);
        },
      };
      underWay.add(reading);
      request.on('error', ignore); // then it is closed, too
      request.on('data', add).on('end', finish).on('close', lost);
    });
  return {
    read,
    get bytes() {
      return total;
    },
  };
}

/**
 * Puts a chunk behind the first bytes of a buffer, or of a larger one: of the length that was announced, or twice as large.
 * Chunks are not collected, as each takes a hundred bytes of memory and may hold a single one. The first of them is not
 * copied: mostly there is no other.
 */
function append(buffer: Buffer, bytes: number, chunk: Buffer, length: number): Buffer {
  if (bytes === 0) return chunk;
  const needed = bytes + chunk.length;
  // Memory that nothing was written to yet is only promised, so that announcing much takes none.
  const target =
    needed <= buffer.length ? buffer : Buffer.allocUnsafeSlow(Math.max(needed, length || 2 * bytes));
  if (target !== buffer) buffer.copy(target, 0, 0, bytes);
  chunk.copy(target, bytes);
  return target;
}
