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
  const { connect, createServer } = require('node:net');
  const server = createServer((client) => {
    const upstream = connect(Number(process.argv[1]), '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy());
    upstream.pipe(client).pipe(upstream);
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => process.stdout.write(String(server.address().port)));
`;

/**
 * Stops a server in the middle of its life, and fills the queue of connections that it has not accepted: to what comes
 * then the system says nothing, as if the packet had been lost, and the client sends it again after a second.
 *
 * @param leadsTo - the local port that it passes connections on to
 */
export async function startSlowServer(leadsTo: number): Promise<SlowServer> {
  const child = spawn(process.execPath, ['-e', SCRIPT, String(leadsTo)], {
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
