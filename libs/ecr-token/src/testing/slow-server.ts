import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A server on loopback to which no connection is made until it is woken, and then only by a packet that is sent again. */
export interface SlowServer {
  readonly port: number;
  wake(): void;
  stop(): Promise<void>;
}

const SCRIPT = `
  const [answer, tunnelTo] = process.argv.slice(1);
  const server = require('node:http').createServer((_, response) => response.end(answer));
  server.on('connect', (_, client) => {
    const upstream = require('node:net').connect(Number(tunnelTo), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\\r\\n\\r\\n');
      upstream.pipe(client).pipe(upstream);
    });
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.stdout.write(String(server.address().port)));
`;

/**
 * Stops a server in the middle of its life, and fills the queue of connections that it has not accepted: to what comes
 * then the system says nothing, as if the packet had been lost, and the client sends it again after a second.
 *
 * @param answer - to every request
 * @param tunnelTo - the local port that it leads to as a proxy
 */
export async function startSlowServer(answer: string, tunnelTo: number): Promise<SlowServer> {
  const child = spawn(process.execPath, ['-e', SCRIPT, answer, String(tunnelTo)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  const queued = await fillQueue(port);
  return {
    port,
    wake: () => void child.kill('SIGCONT'),
    stop: async () => {
      for (const socket of queued) socket.destroy();
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Connects until nothing answers any more. */
async function fillQueue(port: number): Promise<readonly Socket[]> {
  const queued: Socket[] = [];
  for (let isFull = false; !isFull;) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    queued.push(socket);
    isFull = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(false));
      setTimeout(() => resolve(true), 100);
    });
  }
  return queued;
}
