import { describe, expect, it } from '@jest/globals';
import { Duplex } from 'node:stream';
import { connectThroughSocks } from './socks5.ts';

const TO = new URL('https://one.example:6443');

/** A server that sends these bytes, whatever it receives. */
function serverSaying(...bytes: number[]) {
  const received: Buffer[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _, done) {
      received.push(chunk);
      done();
    },
  });
  // One by one, because answers arrive in pieces.
  for (const byte of bytes) socket.push(Buffer.of(byte));
  socket.push(null);
  return { socket, received };
}

describe('a SOCKS server', () => {
  it('gets the host name, and looks it up itself', async () => {
    const { socket, received } = serverSaying(5, 0, 5, 0, 0, 3, 2, 104, 105, 0, 80);
    await connectThroughSocks(socket, TO, undefined);
    expect(Buffer.concat(received)).toEqual(
      Buffer.concat([Buffer.of(5, 1, 0, 5, 1, 0, 3, 11), Buffer.from('one.example'), Buffer.of(0x19, 0x2b)]),
    );
  });

  it.each([
    ['does not speak SOCKS 5', [72, 84]],
    ['requires a name and a password', [5, 2]],
    ['requires a name and a password', [5, 255]],
    ['is refused by the host', [5, 0, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0]],
    ['answered 77', [5, 0, 5, 77, 0, 1, 0, 0, 0, 0, 0, 0]],
    ['closed the connection', [5]],
    ['closed the connection', [5, 0, 5]],
    ['closed the connection', [5, 0, 5, 0, 0, 3, 9]],
  ])('that refuses is named with the reason: %s', async (message, bytes) => {
    await expect(connectThroughSocks(serverSaying(...bytes).socket, TO, undefined)).rejects.toThrow(message);
  });

  it('may not accept the name and the password', async () => {
    const { socket } = serverSaying(5, 2, 1, 1);
    await expect(connectThroughSocks(socket, TO, { name: 'jane', password: 'canary' })).rejects.toThrow(
      /^does not accept the name and the password$/,
    );
  });
});
