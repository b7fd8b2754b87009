import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { Server as NetServer, type Socket } from 'node:net';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';

/**
 * A connection on which nothing happens for so long is closed. A client that has just opened one, or just had an answer,
 * may be about to send a request; Go does not send a POST again whose connection was closed meanwhile.
 */
const QUIET: Milliseconds = 1_000;

/** The same, where something has come that may become a request. It may also be no more than a line break. */
const STALLED: Milliseconds = 4_000;

const LOOK: Milliseconds = QUIET / 10;

/** What is known of a connection. */
interface Connection {
  /** As it was accepted; its bytes are those of TLS. */
  readonly socket: Socket;
  /** Once the handshake is over; its bytes are those of HTTP. */
  secure?: Socket;
  /** Requests that are being answered. */
  requests: number;
  /** How many bytes of HTTP had come when the last request was answered. */
  answered: number;
  /** What the last look found, unless a request was in flight. */
  quiet: { bytes: number; since: number };
}

/**
 * Gives a function that ends the server: it takes no more connections, lets what is in flight finish for at most
 * `patience`, then cuts the rest.
 *
 * Node's own `close` closes idle connections at that very moment, even if a request has come that was not read yet, and
 * none later. To Node, a connection that was opened ahead of need is not idle before its first request, nor is one that
 * hangs in its handshake: each of them would keep the server open for all of `patience`.
 */
export function drainable(server: Server): (patience: Milliseconds) => Promise<void> {
  const connections = new Map<string, Connection>();
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    const connection = { socket, requests: 0, answered: 0, quiet: { bytes: -1, since: 0 } };
    connections.set(peer, connection);
    socket.once('close', () => {
      if (connections.get(peer) === connection) connections.delete(peer);
    });
  });
  server.on('secureConnection', (secure) => {
    const connection = connections.get(peerOf(secure));
    if (connection !== undefined) connection.secure = secure;
  });
  const onRequest = ({ socket }: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(peerOf(socket));
    if (connection === undefined) return;
    connection.requests += 1;
    response.once('close', () => {
      connection.requests -= 1;
      connection.answered = socket.bytesRead;
    });
  };
  server.prependListener('request', onRequest);
  server.prependListener('checkExpectation', onRequest);

  return async (patience) => {
    const cut = () => connections.forEach(({ socket }) => socket.destroy());
    const late = setTimeout(cut, patience);
    await backlogTaken(server, Math.min(QUIET, patience / 2));
    const closed = new Promise<unknown>((done) => NetServer.prototype.close.call(server, done));
    // In setImmediate, which comes after the sockets were read: a request that has come is seen, however busy we are.
    const look = setInterval(() => setImmediate(() => closeQuiet(connections.values())), LOOK);
    await closed;
    clearTimeout(late);
    clearInterval(look);
  };
}

/** The socket of a connection and that of its TLS are two; this is what they have in common. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

/** Resolves after a turn of the event loop without a new connection: those that wait when a server closes are reset. */
async function backlogTaken(server: Server, patience: Milliseconds): Promise<void> {
  const end = performance.now() + patience;
  let isTaken = false;
  const onConnection = () => (isTaken = false);
  server.on('connection', onConnection);
  while (!isTaken && performance.now() < end) {
    isTaken = true;
    await new Promise(setImmediate);
  }
  server.off('connection', onConnection);
}

function closeQuiet(connections: Iterable<Connection>): void {
  const now = performance.now();
  for (const connection of connections) {
    const { socket, quiet } = connection;
    const bytes = socket.bytesRead + socket.bytesWritten;
    if (connection.requests > 0 || bytes !== quiet.bytes) connection.quiet = { bytes, since: now };
    else if (now - quiet.since >= (isBegun(connection) ? STALLED : QUIET)) socket.destroy();
  }
}

/** Whether the beginning of a request has come, or what may be one. */
function isBegun({ secure, answered }: Connection): boolean {
  return secure !== undefined && secure.bytesRead > answered;
}
