import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import type { Connections } from '../http/connections.ts';
import type { Unready } from './readiness.ts';
import { MOST_HEADERS } from '../http/tls-server.ts';

/** The server for probes and metrics, on a port of its own without TLS. */
export interface Monitoring {
  readonly port: number;
  stop(): Promise<void>;
}

/** Requests of probes and scrapes are short. */
const LIMITS = { headersTimeout: 10_000, requestTimeout: 10_000 };

/** What the server answers with. */
export interface MonitoringOptions {
  /** The IP address to listen on; all addresses if undefined. */
  readonly address?: string | undefined;
  readonly registry: Registry;
  readonly connections: Connections;
  readonly ready: () => Promise<Unready>;
}

/** Serves `/livez`, `/readyz` and `/metrics`. */
export async function startMonitoring(
  port: number,
  { address, registry, connections, ready }: MonitoringOptions,
): Promise<Monitoring> {
  const answerTo = async (path: string): Promise<{ status: number; type?: string; body: string }> => {
    switch (path) {
      case '/livez':
        return { status: 200, body: 'alive\n' };
      case '/readyz': {
        const why = await ready();
        return why === undefined ? { status: 200, body: 'ready\n' } : { status: 503, body: `${why}\n` };
      }
      case '/metrics':
        return { status: 200, type: registry.contentType, body: await registry.metrics() };
      default:
        return { status: 404, body: 'There are /livez, /readyz and /metrics\n' };
    }
  };
  const server = createServer(
    LIMITS,
    connections.oneAtATime((request, response) => {
      // A caller may send anything as the URL, also what `new URL` does not parse.
      const [path = ''] = (request.url ?? '').split('?', 1);
      answerTo(path).then(
        ({ status, type = 'text/plain; charset=utf-8', body }) =>
          response.writeHead(status, { 'content-type': type }).end(body),
        () => response.writeHead(500).end(),
      );
    }),
  );
  server.maxHeadersCount = MOST_HEADERS;
  connections.watch(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
