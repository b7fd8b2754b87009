import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** An endpoint of a Service. */
export interface Endpoint {
  readonly port: number;
  /** Answers 200 while the endpoint is ready. */
  readonly readyUrl: string;
}

/** A small Service: it sends new connections to the ready endpoints in turn. */
export interface Service {
  readonly port: number;
  readonly ready: readonly Endpoint[];
  add(endpoint: Endpoint): void;
  remove(endpoint: Endpoint): void;
  stop(): Promise<void>;
}

const PROBE_PERIOD = 100;

/** Starts a Service on loopback. As with kube-proxy, an open connection stays at its endpoint. */
export async function startService(): Promise<Service> {
  const endpoints = new Set<Endpoint>();
  const sockets = new Set<Socket>();
  let ready: Endpoint[] = [];
  let turn = 0;

  const probe = async () => {
    const states = await Promise.all(
      [...endpoints].map(async (endpoint) => ({ endpoint, isReady: await answers(endpoint.readyUrl) })),
    );
    ready = states
      .filter(({ endpoint, isReady }) => isReady && endpoints.has(endpoint))
      .map(({ endpoint }) => endpoint);
  };
  const probing = setInterval(() => void probe(), PROBE_PERIOD);

  const server = createServer((client) => {
    const endpoint = ready[turn++ % Math.max(1, ready.length)];
    if (endpoint === undefined) return client.destroy();
    const upstream = connect(endpoint.port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('close', () => sockets.delete(socket));
    }
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));

  return {
    port: (server.address() as AddressInfo).port,
    get ready() {
      return ready;
    },
    add: (endpoint) => void endpoints.add(endpoint),
    remove: (endpoint) => void endpoints.delete(endpoint),
    async stop() {
      clearInterval(probing);
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
}
