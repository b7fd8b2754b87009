import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { ConnectionFacts } from './connection-policy.ts';

/** Node reads into a buffer of this size, which stays with its connection. Only the part that was written to takes memory. */
export const READ_BUFFER = 64 * 1024;

/** TLS sends from another buffer, which stays after the first answer. */
const WRITE_BUFFER = 16 * 1024;

/** Until a handshake is over, TLS holds its bytes twice. */
const OF_A_HANDSHAKE = 2;

/** A real handshake has a few KiB, even with a client's certificates. */
const LARGEST_HANDSHAKE = 64 * 1024;

/** The answer that is being made, and the one before, which may still be in transfer. */
const MOST_ANSWERS = 2;

/** One connection of a server, and what happens on it. */
export class Connection implements ConnectionFacts {
  readonly openedAt: Milliseconds = performance.now();
  sentReview = false;
  /** Bytes of memory when it was weighed last. */
  bytes = 0;
  /** After the handshake it is the TLS socket, which counts bytes of HTTP. */
  #socket: Socket;
  #isDeciding = false;
  /** When the state began; `#sendsSince` for `sending`. */
  #since: Milliseconds = this.openedAt;
  readonly #answers: ServerResponse[] = [];
  #sendsSince: Milliseconds | undefined;
  /** The most bytes of one request or handshake, and the bytes that arrived before the current one. */
  #largest = 0;
  #before = 0;
  #isSecured = false;
  #hasAnswered = false;
  /** The bytes that had been transferred when `quietFor` was last called, and since when they have not changed. */
  #traffic = { bytes: -1, since: this.openedAt };

  /** @param least - bytes of memory that every connection takes */
  constructor(
    private readonly raw: Socket,
    private readonly least: number,
  ) {
    this.#socket = raw;
  }

  get state(): ConnectionFacts['state'] {
    const answer = this.#answers.at(-1);
    if (answer === undefined) return 'idle';
    if (answer.writableEnded) return 'sending';
    return this.#isDeciding ? 'deciding' : 'receiving';
  }

  /** Nothing tells when an answer was made. So `sending` begins when this is first called in that state. */
  get since(): Milliseconds {
    if (this.state !== 'sending') return this.#since;
    return (this.#sendsSince ??= performance.now());
  }

  /** Whether bytes have arrived that may be the beginning of a request. */
  get isBegun(): boolean {
    return this.#isSecured && this.#newBytes > 0;
  }

  /** Whether an unfinished handshake has more bytes than a real one. */
  get isTooLargeHandshake(): boolean {
    return !this.#isSecured && this.state === 'idle' && this.#newBytes > LARGEST_HANDSHAKE;
  }

  /** Updates `bytes` and returns the difference. Asking a socket takes far longer than adding numbers up. */
  weigh(): number {
    const before = this.bytes;
    const came = Math.max(this.#largest, this.#newBytes);
    const read = this.#isSecured ? Math.min(came, READ_BUFFER) : OF_A_HANDSHAKE * came;
    const written = (this.#hasAnswered ? WRITE_BUFFER : 0) + this.#socket.writableLength;
    this.bytes = this.least + read + written;
    return this.bytes - before;
  }

  finishHandshake(socket: Socket): void {
    this.#largest = this.#newBytes;
    this.#socket = socket;
    this.#isSecured = true;
  }

  /** Begins a request. False if the answer to the request before is not made yet. */
  beginRequest(answer: ServerResponse): boolean {
    const before = this.#answers.at(-1);
    if (before?.writableEnded === false || this.#answers.length === MOST_ANSWERS) return false;
    this.#answers.push(answer);
    this.#isDeciding = false;
    this.#since = performance.now();
    answer.once('close', () => this.#endAnswer(answer));
    return true;
  }

  /** A whole review has arrived. */
  beginDecision(): void {
    this.sentReview = true;
    this.#isDeciding = true;
    this.#since = performance.now();
  }

  /** Whether the client has not taken an answer for longer than `patience`. */
  isUnreadFor(patience: Milliseconds): boolean {
    return this.state === 'sending' && performance.now() - this.since > patience;
  }

  /** How long nothing has been transferred, counted from the first call. */
  quietFor(): Milliseconds {
    const now = performance.now();
    const bytes = this.raw.bytesRead + this.raw.bytesWritten;
    if (this.state !== 'idle' || bytes !== this.#traffic.bytes) this.#traffic = { bytes, since: now };
    return now - this.#traffic.since;
  }

  close(): void {
    omitStacks(this.#socket);
    this.#socket.destroy();
  }

  get #newBytes(): number {
    return this.#socket.bytesRead - this.#before;
  }

  #endAnswer(answer: ServerResponse): void {
    this.#answers.splice(this.#answers.indexOf(answer), 1);
    this.#sendsSince = undefined;
    this.#hasAnswered = true;
    this.#largest = Math.max(this.#largest, this.#newBytes);
    this.#before = this.#socket.bytesRead;
    this.#since = performance.now();
  }
}

/**
 * Node parses all requests that arrive in one piece, and makes an error for each of them when their connection is closed. For
 * a thousand requests that takes 70 ms with stacks, and a third of it without.
 */
function omitStacks(socket: Socket): void {
  const limit = Error.stackTraceLimit;
  socket.prependOnceListener('close', () => (Error.stackTraceLimit = 0));
  socket.once('close', () => (Error.stackTraceLimit = limit));
}
