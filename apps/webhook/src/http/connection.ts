import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import type { ConnectionFacts } from './connection-policy.ts';

/** Node reads into a buffer of this size, which stays with its connection; only what was written to is memory. */
export const READ_BUFFER = 64 * 1024;

/** Another that TLS sends from stays, too, once there was something to send. */
const WRITE_BUFFER = 16 * 1024;

/** TLS keeps what comes before its handshake is over once more. */
const OF_A_HANDSHAKE = 2;

/** A real one has a few KiB, even with a client's own certificates. */
const LARGEST_HANDSHAKE = 64 * 1024;

/** One that is being made, and the one before, which may still be on its way. */
const MOST_ANSWERS = 2;

/** One connection of a server, and what is under way on it. */
export class Connection implements ConnectionFacts {
  readonly openedAt: Milliseconds = performance.now();
  sentReview = false;
  /** Of memory, when it was weighed last. */
  bytes = 0;
  /** That of TLS once its handshake is over: its bytes are those of HTTP. */
  #socket: Socket;
  #isDeciding = false;
  /** When the state began, but for that of sending. */
  #since: Milliseconds = this.openedAt;
  readonly #answers: ServerResponse[] = [];
  #sendsSince: Milliseconds | undefined;
  /** The most bytes that came with one request or handshake, and those that came before what is under way. */
  #largest = 0;
  #before = 0;
  #isSecured = false;
  #hasAnswered = false;
  /** What had come and gone when it was asked about last, and when that was first so. */
  #traffic = { bytes: -1, since: this.openedAt };

  /** @param least - bytes of memory that it takes in any case */
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

  /** Nothing says when an answer was made, so that it is sent from when this was asked for the first time. */
  get since(): Milliseconds {
    if (this.state !== 'sending') return this.#since;
    return (this.#sendsSince ??= performance.now());
  }

  /** Whether the beginning of a request has come, or what may be one. */
  get isBegun(): boolean {
    return this.#isSecured && this.#newBytes > 0;
  }

  /** Whether more has come than a handshake has, and it is not over. */
  get isTooLargeHandshake(): boolean {
    return !this.#isSecured && this.state === 'idle' && this.#newBytes > LARGEST_HANDSHAKE;
  }

  /** Brings `bytes` up to date, and gives the difference. Asking a socket takes far longer than adding numbers up. */
  weigh(): number {
    const before = this.bytes;
    const came = Math.max(this.#largest, this.#newBytes);
    const read = this.#isSecured ? Math.min(came, READ_BUFFER) : OF_A_HANDSHAKE * came;
    const written = (this.#hasAnswered ? WRITE_BUFFER : 0) + this.#socket.writableLength;
    this.bytes = this.least + read + written;
    return this.bytes - before;
  }

  secured(socket: Socket): void {
    this.#largest = this.#newBytes;
    this.#socket = socket;
    this.#isSecured = true;
  }

  /** Takes up a request, unless the answer to the one before is not made yet. */
  takes(answer: ServerResponse): boolean {
    const before = this.#answers.at(-1);
    if (before?.writableEnded === false || this.#answers.length === MOST_ANSWERS) return false;
    this.#answers.push(answer);
    this.#isDeciding = false;
    this.#since = performance.now();
    answer.once('close', () => this.#answered(answer));
    return true;
  }

  /** A good review has come whole. */
  decides(): void {
    this.sentReview = true;
    this.#isDeciding = true;
    this.#since = performance.now();
  }

  /** Whether an answer has been on its way for longer than `patience`. */
  isUnreadFor(patience: Milliseconds): boolean {
    return this.state === 'sending' && performance.now() - this.since > patience;
  }

  /** How long nothing has happened on it, since this was asked for the first time. */
  quietFor(): Milliseconds {
    const now = performance.now();
    const bytes = this.raw.bytesRead + this.raw.bytesWritten;
    if (this.state !== 'idle' || bytes !== this.#traffic.bytes) this.#traffic = { bytes, since: now };
    return now - this.#traffic.since;
  }

  close(): void {
    withoutStacks(this.#socket);
    this.#socket.destroy();
  }

  get #newBytes(): number {
    return this.#socket.bytesRead - this.#before;
  }

  #answered(answer: ServerResponse): void {
    this.#answers.splice(this.#answers.indexOf(answer), 1);
    this.#sendsSince = undefined;
    this.#hasAnswered = true;
    this.#largest = Math.max(this.#largest, this.#newBytes);
    this.#before = this.#socket.bytesRead;
    this.#since = performance.now();
  }
}

/**
 * Node has parsed whatever came in one piece, and makes an error for each request in it when the connection is closed. With
 * stacks that takes 70 ms for a thousand and more of them, and a third of it without.
 */
function withoutStacks(socket: Socket): void {
  const limit = Error.stackTraceLimit;
  socket.prependOnceListener('close', () => (Error.stackTraceLimit = 0));
  socket.once('close', () => (Error.stackTraceLimit = limit));
}
