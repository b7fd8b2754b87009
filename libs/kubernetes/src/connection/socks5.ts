import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import type { Duplex } from 'node:stream';
import { hostOf, portOf } from '../kubeconfig/address.ts';

/** A SOCKS server refused. The message continues a sentence that begins with the server's name. */
export class SocksError extends Error {
  override readonly name = 'SocksError';

  constructor(
    message: string,
    /** Whether another attempt would fail in the same way. */
    readonly isPermanent: boolean,
  ) {
    super(message);
  }
}

/** The refusals by their numbers in RFC 1928, and whether they are permanent. */
const REFUSALS: Readonly<Record<number, readonly [string, boolean]>> = {
  1: ['failed', false],
  2: ['does not allow it by its rules', true],
  3: ['cannot reach the network', false],
  4: ['cannot reach the host', false],
  5: ['is refused by the host', false],
  6: ['says that the time to live has expired', false],
  7: ['does not know the command', true],
  8: ['does not know the type of address', true],
};

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const PASSWORD = 2;
const CONNECT = 1;
const NAME = 3;
/** Bytes of an address, by its type. */
const LENGTHS: Readonly<Record<number, number>> = { 1: 4, 4: 16 };

/**
 * Asks a SOCKS 5 server to connect to a server (RFC 1928, RFC 1929). The SOCKS server looks up host names.
 *
 * @param user - the name and the password for the SOCKS server
 *
 * @throws SocksError
 */
export async function connectThroughSocks(
  socket: Duplex,
  server: URL,
  user: { readonly name: string; readonly password: string } | undefined,
): Promise<void> {
  const methods = user === undefined ? [NO_AUTHENTICATION] : [NO_AUTHENTICATION, PASSWORD];
  socket.write(Buffer.of(VERSION, methods.length, ...methods));
  const [version, method] = await read(socket, 2);
  if (version !== VERSION) throw new SocksError('does not speak SOCKS 5', true);
  if (method === PASSWORD && user !== undefined) {
    socket.write(Buffer.concat([Buffer.of(1), withLength(user.name), withLength(user.password)]));
    const [, status] = await read(socket, 2);
    if (status !== 0) throw new SocksError('does not accept the name and the password', true);
  } else if (method !== NO_AUTHENTICATION) throw new SocksError('requires a name and a password', true);
  socket.write(Buffer.concat([Buffer.of(VERSION, CONNECT, 0), addressOf(server)]));
  const [, reply = 1, , kind = 0] = await read(socket, 4);
  if (reply !== 0) throw new SocksError(...(REFUSALS[reply] ?? [`answered ${reply}`, false]));
  const length = kind === NAME ? (await read(socket, 1))[0] : LENGTHS[kind];
  await read(socket, (length ?? 0) + 2);
}

/** Type, address and port. */
function addressOf(server: URL): Buffer {
  const host = hostOf(server);
  const port = Buffer.alloc(2);
  port.writeUInt16BE(Number(portOf(server)));
  const address = isIPv4(host)
    ? Buffer.of(1, ...host.split('.').map(Number))
    : Buffer.concat([Buffer.of(NAME), withLength(host)]);
  return Buffer.concat([address, port]);
}

/** One byte with the length, then the text. */
function withLength(text: string): Buffer {
  const bytes = Buffer.from(text).subarray(0, 255);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

async function read(socket: Duplex, length: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes?.length === length) return bytes;
    if (bytes !== null || socket.readableEnded || socket.destroyed)
      throw new SocksError('closed the connection', false);
    const come = new AbortController();
    const events = ['readable', 'end', 'close'].map((event) => once(socket, event, { signal: come.signal }));
    await Promise.race(events).finally(() => come.abort());
  }
}
