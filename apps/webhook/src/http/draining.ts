import type { Server } from 'node:https';
import { Server as NetServer } from 'node:net';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import type { Connection } from './connection.ts';

/**
 * A connection on which nothing happens for so long is closed. A client that has just opened one, or just had an answer,
 * may be about to send a request; Go does not send a POST again whose connection was closed meanwhile.
 */
const QUIET: Milliseconds = 1_000;

/** The same, where something has come that may become a request. It may also be no more than a line break. */
const STALLED: Milliseconds = 4_000;

const LOOK: Milliseconds = QUIET / 10;

/**
 * Ends a server: it takes no more connections, lets what is in flight finish for at most `patience`, then cuts the rest.
 *
 * Node's own `close` closes idle connections at that very moment, even if a request has come that was not read yet, and
 * none later. To Node, a connection that was opened ahead of need is not idle before its first request, nor is one that
 * hangs in its handshake: each of them would keep the server open for all of `patience`.
 */
export async function drain(
  server: Server,
  connections: Iterable<Connection>,
  patience: Milliseconds,
): Promise<void> {
  const late = setTimeout(() => {
    for (const connection of connections) connection.close();
  }, patience);
  await backlogTaken(server, Math.min(QUIET, patience / 2));
  const closed = new Promise<unknown>((done) => NetServer.prototype.close.call(server, done));
  // In setImmediate, which comes after the sockets were read: a request that has come is seen, however busy we are.
  const look = setInterval(() => setImmediate(() => closeQuiet(connections)), LOOK);
  await closed;
  clearTimeout(late);
  clearInterval(look);
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
  for (const connection of connections)
    if (connection.quietFor() >= (connection.isBegun ? STALLED : QUIET)) connection.close();
}
