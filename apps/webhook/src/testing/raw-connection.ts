import { once } from 'node:events';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { eventually } from '@ecr-anywhere/eventually';

/** A connection on which a test can send any bytes, without an HTTP client. */
export interface RawConnection {
  readonly socket: TLSSocket;
  /** The data received so far. */
  received(): string;
  /** Waits until this text has come this many times. */
  receives(text: string, times?: number): Promise<void>;
  /** Resolves with all received data when the other side has closed. */
  readonly closed: Promise<string>;
}

/** Resolves when the handshake is over; rejects if it fails. */
export async function rawConnection(
  port: number,
  text = '',
  options: ConnectionOptions = {},
): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  await once(socket, 'secureConnect');
  let received = '';
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => (received += chunk));
  socket.on('error', () => undefined); // a reset also closes the connection
  const closed = new Promise<string>((done) => socket.once('close', () => done(received)));
  if (text !== '') socket.write(text);
  return {
    socket,
    received: () => received,
    async receives(text, times = 1) {
      await eventually(`"${text}" has come ${times} times`, () => received.split(text).length > times);
    },
    closed,
  };
}
