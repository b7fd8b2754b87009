import type { Server } from 'node:https';
import { Server as NetServer } from 'node:net';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Connection } from './connection.ts';

/**
 * How long nothing has to happen on a connection before it is closed. A client that has just connected, or just had an
 * answer, may be about to send a request, and Go does not send a POST again if its connection closes meanwhile.
 */
const QUIET: Milliseconds = 1_000;

/** The same for a connection on which the beginning of a request may have come. It may be only a line break. */
const STALLED: Milliseconds = 4_000;

const LOOK: Milliseconds = QUIET / 10;

/**
 * Ends a server. It accepts no more connections, lets requests in flight finish for at most `patience`, then closes the
 * rest.
 *
 * Node's own `close` does two things wrong here. It closes idle connections at once, even if a request has arrived that was
 * not read yet, and it closes none later. And a connection without a first request, or one that hangs in its handshake, is
 * not idle for Node: each would keep the server open for all of `patience`.
 */
export async function drain(
  server: Server,
  connections: Iterable<Connection>,
  patience: Milliseconds,
): Promise<void> {
  const late = setTimeout(() => {
    for (const connection of connections) connection.close();
  }, patience);
  await acceptBacklog(server, Math.min(QUIET, patience / 2));
  const closed = new Promise<unknown>((done) => NetServer.prototype.close.call(server, done));
  // setImmediate runs after sockets were read, so that a request that has arrived is seen, however busy the process is.
  const look = setInterval(() => setImmediate(() => closeQuiet(connections)), LOOK);
  await closed;
  clearTimeout(late);
  clearInterval(look);
}

/** Accepts the connections that the kernel has ready, since a server that closes resets them. */
async function acceptBacklog(server: Server, patience: Milliseconds): Promise<void> {
  const end = performance.now() + patience;
  let isEmpty = false;
  const onConnection = () => (isEmpty = false);
  server.on('connection', onConnection);
  while (!isEmpty && performance.now() < end) {
    isEmpty = true;
    await new Promise(setImmediate);
  }
  server.off('connection', onConnection);
}

function closeQuiet(connections: Iterable<Connection>): void {
  for (const connection of connections)
    if (connection.quietFor() >= (connection.isBegun ? STALLED : QUIET)) connection.close();
}
