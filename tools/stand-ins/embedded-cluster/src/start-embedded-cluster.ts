import type { AddressInfo } from 'node:net';
import { WebhookClient } from './admission/webhook-client.ts';
import { createApiServer } from './api/api-server.ts';
import { Api } from './api/api.ts';
import { ApiFaults, seededRandom, type ApiFault, type ApiFaultScope } from './faults.ts';
import { BY_KEY, BY_WRITE } from './storage/list-order.ts';

/** How to start the embedded cluster. */
export interface EmbeddedClusterOptions {
  /** For faults with a probability. */
  readonly seed?: number;
  /** For HTTPS instead of HTTP. PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The order of lists: by key, as etcd lists (the default), or by the latest write, as old kine lists. */
  readonly listOrder?: 'keys' | 'writes';
}

/** A small API server on loopback. */
export interface EmbeddedCluster {
  readonly url: string;
  /** Orders a fault. Without an argument, cancels all of them. */
  fault(fault?: ApiFault, scope?: ApiFaultScope): void;
  stop(): Promise<void>;
}

/** Starts an API server for namespaces, Secrets and mutating webhooks. It keeps everything in memory. */
export async function startEmbeddedCluster({
  seed = 1,
  tls,
  listOrder = 'keys',
}: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> {
  const client = new WebhookClient();
  const api = new Api(client, listOrder === 'keys' ? BY_KEY : BY_WRITE);
  await api.prepare();
  const faults = new ApiFaults(seededRandom(seed));
  const server = createApiServer({ api, faults, tls });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;

  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    fault: (fault, scope) => faults.order(fault, scope),
    async stop() {
      client.stop();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}
