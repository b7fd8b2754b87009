import type { RequestListener, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Milliseconds } from '@ecr-anywhere/settings';
import { connectionsToClose } from './connection-policy.ts';
import type { ClosedBecause } from '../operations/load-metrics.ts';
import { Connection } from './connection.ts';

/** The limits of all connections of a server. */
export interface ConnectionLimits {
  /** Bytes of memory for all of them. Above it, one is closed for each new one. */
  readonly most: number;
  /** Bytes of memory that each takes, mostly the buffers of TLS. */
  readonly each: number;
  /** How long a client may take to receive an answer. */
  readonly answerPatience?: Milliseconds;
  /** How often they are weighed and checked. A new connection is a reason to check as well. */
  readonly interval?: Milliseconds;
  readonly onClosed: (because: ClosedBecause) => void;
}

/** The connections of a server, which cannot fill the memory: neither one alone nor all together. */
export class Connections implements Iterable<Connection> {
  readonly #limits: ConnectionLimits;
  readonly #open = new Set<Connection>();
  readonly #ofSocket = new WeakMap<Socket, Connection>();
  /** Connections whose handshake is not over. */
  readonly #ofAddress = new Map<string, Connection>();
  #bytes = 0;
  #isCheckScheduled = false;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Bytes of memory that all of them took when they were last weighed. */
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

  /** Watches an HTTP or HTTPS server, whose listener must come from `oneAtATime`. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#opened(socket));
    server.on('secureConnection', (socket: Socket) => this.#secured(socket));
    const { interval = 50 } = this.#limits;
    const timer = setInterval(() => this.#checkAll(), interval).unref();
    server.on('close', () => clearInterval(timer));
  }

  /** Closes a connection on which a request arrives before the answer to the one before. The API server never does that. */
  oneAtATime(listener: RequestListener): RequestListener {
    return (request, response) => {
      const connection = this.#ofSocket.get(request.socket);
      if (connection?.beginRequest(response)) listener(request, response);
      else if (connection) this.#close(connection, 'pipelining');
      else request.socket.destroy(); // it was closed before its address could be read
    };
  }

  /** A whole review has arrived. Until its answer is made, its connection is not closed. */
  reviewCame({ socket }: { readonly socket: Socket }): void {
    this.#ofSocket.get(socket)?.beginDecision();
  }

  /** Weighs one connection on which data has arrived, without waiting for the next check of all. */
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
    if (this.#isCheckScheduled) return;
    this.#isCheckScheduled = true;
    setImmediate(() => this.#makeRoom()); // once for all connections of one turn of the event loop
  }

  /** Node does not say which connection a handshake belongs to, so its address is looked up. */
  #secured(socket: Socket): void {
    const address = addressOf(socket);
    const connection = this.#ofAddress.get(address);
    if (connection === undefined) return;
    this.#ofAddress.delete(address);
    this.#ofSocket.set(socket, connection);
    connection.finishHandshake(socket);
  }

  #checkAll(): void {
    const { answerPatience = 5_000 } = this.#limits;
    for (const connection of this.#open) {
      this.#weigh(connection);
      if (connection.isUnreadFor(answerPatience)) this.#close(connection, 'unread');
      else if (connection.isTooLargeHandshake) this.#close(connection, 'handshake');
    }
    this.#makeRoom();
  }

  #makeRoom(): void {
    this.#isCheckScheduled = false;
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
