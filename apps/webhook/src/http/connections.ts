import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import { connectionsToClose } from './connection-policy.ts';
import type { ClosedBecause } from '../operations/load-metrics.ts';
import { Connection } from './connection.ts';

/** What connections are limited by. */
export interface ConnectionLimits {
  /** Bytes of memory for all of them. From here on one is closed for each that comes. */
  readonly most: number;
  /** Bytes that each takes: the buffers of TLS above all. */
  readonly each: number;
  /** How long an answer may be on its way. */
  readonly answerPatience?: Milliseconds;
  /** How often they are weighed and looked at; each new one is a reason to make room as well. */
  readonly interval?: Milliseconds;
  readonly onClosed: (because: ClosedBecause) => void;
}

/** The connections of a server. None of them, nor all together, can fill the memory. */
export class Connections implements Iterable<Connection> {
  readonly #limits: ConnectionLimits;
  readonly #open = new Set<Connection>();
  readonly #ofSocket = new WeakMap<Socket, Connection>();
  /** Those whose handshake is not over. */
  readonly #ofAddress = new Map<string, Connection>();
  #bytes = 0;
  #isDue = false;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Bytes of memory that all of them took when each was weighed last. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of memory that they may take. */
  get most(): number {
    return this.#limits.most;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.#open.values();
  }

  /** Watches a server, of HTTP or HTTPS, whose listener is one of `oneAtATime`. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#opened(socket));
    server.on('secureConnection', (socket: Socket) => this.#secured(socket));
    const { interval = 50 } = this.#limits;
    const timer = setInterval(() => this.#lookAfter(), interval).unref();
    server.on('close', () => clearInterval(timer));
  }

  /** The API server asks again when it has its answer, so that whoever does not wait for his is somebody else. */
  oneAtATime(listener: RequestListener): RequestListener {
    return (request, response) => {
      const connection = this.#ofSocket.get(request.socket);
      if (connection?.takes(response)) listener(request, response);
      else if (connection) this.#close(connection, 'pipelining');
      else request.socket.destroy(); // it was closed before anybody could see where it comes from
    };
  }

  /** A good review has come whole; from now until its answer is made its connection is not closed. */
  reviewCame({ socket }: { readonly socket: Socket }): void {
    this.#ofSocket.get(socket)?.decides();
  }

  /** Something has come on a connection: what it takes is known at once, and not only when all are looked at. */
  weigh(socket: Socket): void {
    const connection = this.#ofSocket.get(socket);
    if (connection !== undefined) this.#weigh(connection);
  }

  #opened(socket: Socket): void {
    const connection = new Connection(socket, this.#limits.each);
    const address = addressOf(socket);
    this.#open.add(connection);
    this.#weigh(connection);
    this.#ofSocket.set(socket, connection);
    this.#ofAddress.set(address, connection);
    socket.once('close', () => {
      this.#forget(connection);
      if (this.#ofAddress.get(address) === connection) this.#ofAddress.delete(address);
    });
    if (this.#isDue) return;
    this.#isDue = true;
    setImmediate(() => this.#makeRoom()); // once for all that come together
  }

  /** Node does not say which connection a handshake was on. */
  #secured(socket: Socket): void {
    const address = addressOf(socket);
    const connection = this.#ofAddress.get(address);
    if (connection === undefined) return;
    this.#ofAddress.delete(address);
    this.#ofSocket.set(socket, connection);
    connection.secured(socket);
  }

  #lookAfter(): void {
    const { answerPatience = 5_000 } = this.#limits;
    for (const connection of this.#open) {
      this.#weigh(connection);
      if (connection.isUnreadFor(answerPatience)) this.#close(connection, 'unread');
      else if (connection.isTooLargeHandshake) this.#close(connection, 'handshake');
    }
    this.#makeRoom();
  }

  #makeRoom(): void {
    this.#isDue = false;
    if (this.#bytes <= this.#limits.most) return;
    for (const connection of connectionsToClose(this.#open, {
      most: this.#limits.most,
      now: performance.now(),
    }))
      this.#close(connection, 'room');
  }

  #close(connection: Connection, because: ClosedBecause): void {
    if (!this.#forget(connection)) return;
    connection.close();
    this.#limits.onClosed(because);
  }

  #weigh(connection: Connection): void {
    if (this.#open.has(connection)) this.#bytes += connection.weigh();
  }

  #forget(connection: Connection): boolean {
    const wasOpen = this.#open.delete(connection);
    if (wasOpen) this.#bytes -= connection.bytes;
    return wasOpen;
  }
}

function addressOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
