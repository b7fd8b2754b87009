import { describe, expect, it } from '@jest/globals';
import { Duplex } from 'node:stream';
import { connectThroughSocks } from './socks5.ts';

const TO = new URL('https://one.example:6443');

/** A server that says these bytes, whatever it is told. */
function saying(...bytes: number[]) {
  const told: Buffer[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write(chunk: Buffer, _, done) {
      told.push(chunk);
      done();
    },
  });
  // One by one: answers come in pieces.
  for (const byte of bytes) socket.push(Buffer.of(byte));
  socket.push(null);
  return { socket, told };
}

describe('a SOCKS server', () => {
  it('is asked for the name, to be looked up there', async () => {
    const { socket, told } = saying(5, 0, 5, 0, 0, 3, 2, 104, 105, 0, 80);
    await connectThroughSocks(socket, TO, undefined);
    expect(Buffer.concat(told)).toEqual(
      Buffer.concat([Buffer.of(5, 1, 0, 5, 1, 0, 3, 11), Buffer.from('one.example'), Buffer.of(0x19, 0x2b)]),
    );
  });

  it.each([
    ['does not speak SOCKS 5', [72, 84]],
    ['wants a name and a password', [5, 2]],
    ['wants a name and a password', [5, 255]],
    ['is refused by the host', [5, 0, 5, 5, 0, 1, 0, 0, 0, 0, 0, 0]],
    ['answered 77', [5, 0, 5, 77, 0, 1, 0, 0, 0, 0, 0, 0]],
    ['closed the connection', [5]],
    ['closed the connection', [5, 0, 5]],
    ['closed the connection', [5, 0, 5, 0, 0, 3, 9]],
  ])('is told that it %s', async (message, bytes) => {
    await expect(connectThroughSocks(saying(...bytes).socket, TO, undefined)).rejects.toThrow(message);
  });

  it('is told that it does not take the name and the password', async () => {
    const { socket } = saying(5, 2, 1, 1);
    await expect(connectThroughSocks(socket, TO, { name: 'jane', password: 'canary' })).rejects.toThrow(
      /^does not take the name and the password$/,
    );
  });
});
