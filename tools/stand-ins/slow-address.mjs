// For tests: a server that needs a second to accept a connection, and names with two addresses, of which the second has no
// server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import dns from 'node:dns';
import { connect } from 'node:net';

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
 * Stops a running server with SIGSTOP, and fills its queue of connections. The system does not answer further
 * connections, as if packets were lost. Clients send the packets again after a second.
 */
export async function startSlowServer(leadsTo) {
  const child = spawn(process.execPath, ['-e', SCRIPT, String(leadsTo)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
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

/** Connects until no connection is accepted any more. */
async function fillQueue(port) {
  const queued = [];
  for (let isFull = false; !isFull;) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    queued.push(socket);
    isFull = await new Promise((resolve) => {
      socket.once('connect', () => resolve(false));
      setTimeout(() => resolve(true), 100);
    });
  }
  return queued;
}

/** Loopback has no name with two addresses, so Node's lookup is replaced; the connections are real. */
export async function withTwoAddresses(test) {
  const { lookup } = dns;
  const found = ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 }));
  dns.lookup = (...parameters) => parameters.at(-1)(null, found);
  try {
    return await test();
  } finally {
    dns.lookup = lookup;
  }
}
