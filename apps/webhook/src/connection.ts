import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import type { ConnectionFacts } from './connection-policy.ts';

/** Node reads into a buffer of this size, which stays with its connection; only what was written to is memory. */
const READ_BUFFER = 64 * 1024;

/** Another that TLS sends from stays, too, once there was something to send. */
const WRITE_BUFFER = 16 * 1024;

/** TLS keeps what comes before its handshake is over once more. */
const OF_A_HANDSHAKE = 2;

/** One that is being made, and the one before, which may still be on its way. */
const MOST_ANSWERS = 2;

/** One connection of a server, and what is under way on it. */
export class Connection implements ConnectionFacts {
  readonly openedAt: Milliseconds = performance.now();
  sentReview = false;
  since: Milliseconds = this.openedAt;
  /** That of TLS once its handshake is over. */
  #socket: Socket;
  #isDeciding = false;
  readonly #answers: ServerResponse[] = [];
  #unreadSince: Milliseconds | undefined;
  /** The most bytes that came with one request, and those that came before the one that is under way. */
  #largest = 0;
  #before = 0;
  #isSecured = false;
  #hasAnswered = false;

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

  get bytes(): number {
    const came = Math.max(this.#largest, this.#newBytes);
    const read = this.#isSecured ? Math.min(came, READ_BUFFER) : OF_A_HANDSHAKE * came;
    return this.least + read + (this.#hasAnswered ? WRITE_BUFFER : 0) + this.#socket.writableLength;
  }

  secured(socket: Socket): void {
    this.#socket = socket;
    this.#isSecured = true;
  }

  /** Takes up a request, unless the answer to the one before is not made yet. */
  takes(answer: ServerResponse): boolean {
    const before = this.#answers.at(-1);
    if (before?.writableEnded === false || this.#answers.length === MOST_ANSWERS) return false;
    this.#answers.push(answer);
    this.#isDeciding = false;
    this.since = performance.now();
    answer.once('close', () => this.#answered(answer));
    return true;
  }

  /** A good review has come whole. */
  decides(): void {
    this.sentReview = true;
    this.#isDeciding = true;
  }

  /** Whether an answer has been on its way for longer than `patience`, since this was asked for the first time. */
  isUnreadFor(patience: Milliseconds): boolean {
    if (this.state !== 'sending') return false;
    this.#unreadSince ??= performance.now();
    return performance.now() - this.#unreadSince > patience;
  }

  close(): void {
    withoutStacks(this.#socket);
    this.#socket.destroy();
  }

  get #newBytes(): number {
    return this.raw.bytesRead - this.#before;
  }

  #answered(answer: ServerResponse): void {
    this.#answers.splice(this.#answers.indexOf(answer), 1);
    this.#unreadSince = undefined;
    this.#hasAnswered = true;
    this.#largest = Math.max(this.#largest, this.#newBytes);
    this.#before = this.raw.bytesRead;
    this.since = performance.now();
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
