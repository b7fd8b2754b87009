import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { certificatesFor } from '@ecr-anywhere/certificates';
import { describe, expect, it } from '@jest/globals';
import { startAwsEmulator } from './start-aws-emulator.ts';

const TOKEN_CALL = {
  method: 'POST',
  headers: { 'x-amz-target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken' },
  body: '{}',
};

describe('an emulator', () => {
  it.each([{ kind: 'black-hole' } as const, { kind: 'latency', milliseconds: 600_000 } as const])(
    'stops at once during a request: $kind',
    async (fault) => {
      const emulator = await startAwsEmulator();
      emulator.fault(fault);
      const held = fetch(emulator.endpoint, TOKEN_CALL);
      held.catch(() => undefined);
      await until(() => emulator.calls()['GetAuthorizationToken'] === 1);

      await emulator.stop();

      await expect(held).rejects.toThrow();
      await expect(fetch(emulator.endpoint)).rejects.toThrow();
    },
  );

  it('stops at once while a client is connected that has sent nothing', async () => {
    const emulator = await startAwsEmulator({ tls: (await certificatesFor('127.0.0.1')).server });
    const sockets = [emulator.endpoint, emulator.tlsUrl ?? ''].map((url) =>
      connect(Number(new URL(url).port), '127.0.0.1'),
    );
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    const closed = Promise.all(sockets.map((socket) => once(socket, 'close')));
    // If the server has answered a later connection, it has also accepted these.
    await fetch(emulator.endpoint);

    await emulator.stop();
    await closed;
  });

  it('may be stopped twice', async () => {
    const emulator = await startAwsEmulator();
    await emulator.stop();
    await emulator.stop();
  });

  it('serves everything over TLS as well, if it is given a certificate', async () => {
    const { ca, server } = await certificatesFor('127.0.0.1');
    const emulator = await startAwsEmulator({ tls: server });
    try {
      expect(await statusOf(`${emulator.tlsUrl}/v2/`, ca)).toBe(401);
      emulator.fault({ kind: 'reset' });
      await expect(statusOf(`${emulator.tlsUrl}/`, ca, TOKEN_CALL)).rejects.toMatchObject({
        code: 'ECONNRESET',
      });
    } finally {
      await emulator.stop();
    }
  });

  it('frees its first port if the second one is taken', async () => {
    const { server: tls } = await certificatesFor('127.0.0.1');
    const first = await startAwsEmulator({ tls });
    try {
      const port = await freePort();
      const taken = { ...tls, port: Number(new URL(first.tlsUrl ?? '').port) };
      await expect(startAwsEmulator({ port, tls: taken })).rejects.toMatchObject({ code: 'EADDRINUSE' });

      const again = await startAwsEmulator({ port });
      await again.stop();
    } finally {
      await first.stop();
    }
  });

  it('closes the connection of a request of more than one MiB, and serves others', async () => {
    const emulator = await startAwsEmulator();
    try {
      const body = 'x'.repeat((1 << 20) + 1);
      await expect(fetch(emulator.endpoint, { ...TOKEN_CALL, body })).rejects.toThrow();
      expect((await fetch(`${emulator.endpoint}/v2/`)).status).toBe(401);
    } finally {
      await emulator.stop();
    }
  });

  it('survives a target that is not a URL', async () => {
    const emulator = await startAwsEmulator();
    try {
      const socket = connect(Number(new URL(emulator.endpoint).port), '127.0.0.1');
      socket.on('error', () => undefined).write('GET // HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(socket, 'close');
      expect((await fetch(`${emulator.endpoint}/v2/`)).status).toBe(401);
    } finally {
      await emulator.stop();
    }
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

async function freePort(): Promise<number> {
  const emulator = await startAwsEmulator();
  await emulator.stop();
  return Number(new URL(emulator.endpoint).port);
}

function statusOf(
  url: string,
  ca: string,
  { method, headers, body }: { method: string; headers: Record<string, string>; body: string } = {
    method: 'GET',
    headers: {},
    body: '',
  },
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    httpsRequest(url, { method, headers, ca, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end(body);
  });
}
