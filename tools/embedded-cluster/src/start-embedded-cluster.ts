import type { AddressInfo } from 'node:net';
import { Services, type Endpoint } from './admission/services.ts';
import { WebhookClient } from './admission/webhook-client.ts';
import { createApiServer } from './api-server.ts';
import { Api } from './api.ts';
import { ApiFaults, seededRandom, type ApiFault, type ApiFaultScope } from './faults.ts';
import { kubeconfig } from './kubeconfig.ts';
import { BY_KEY, BY_WRITE } from './storage/list-order.ts';

/** How to start the embedded cluster. */
export interface EmbeddedClusterOptions {
  /** Any free one by default. */
  readonly port?: number;
  /** For faults with a probability. */
  readonly seed?: number;
  /** HTTPS instead of HTTP: PEM of a certificate for 127.0.0.1, its key, and the CA for kubeconfig(). */
  readonly tls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** In which order lists come: that of keys, as from etcd, by default; or that of the latest writes, as from old kine. */
  readonly listOrder?: 'keys' | 'writes';
}

/** A small API server on loopback. */
export interface EmbeddedCluster {
  readonly url: string;
  /** For any client of Kubernetes, as text. */
  kubeconfig(): string;
  /**
   * Adds or changes a Service that webhook configurations can name. Each new connection goes to the next endpoint that
   * is ready; one that is open stays where it is.
   *
   * @returns once the endpoints were probed for the first time
   */
  service(namespace: string, name: string, endpoints: readonly Endpoint[]): Promise<void>;
  /** Orders a fault; without one, calls all of them off. */
  fault(fault?: ApiFault, scope?: ApiFaultScope): void;
  /** How many requests came by each method, and how many reviews were sent. */
  counts(): { readonly requests: Readonly<Record<string, number>>; readonly reviews: number };
  stop(): Promise<void>;
}

/** Starts an API server for namespaces, Secrets and mutating webhooks. Everything is in memory. */
export async function startEmbeddedCluster({
  port = 0,
  seed = 1,
  tls,
  listOrder = 'keys',
}: EmbeddedClusterOptions = {}): Promise<EmbeddedCluster> {
  const services = new Services();
  const client = new WebhookClient(services);
  const api = new Api(client, listOrder === 'keys' ? BY_KEY : BY_WRITE);
  await api.prepare();
  const faults = new ApiFaults(seededRandom(seed));
  const requests: Record<string, number> = {};
  const onRequest = (method: string) => {
    requests[method] = (requests[method] ?? 0) + 1;
  };
  const server = createApiServer({ api, faults, tls, onRequest });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', listening);
  });
  const url = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    kubeconfig: () => kubeconfig(url, tls?.ca),
    service: (namespace, name, endpoints) => services.set(namespace, name, endpoints),
    fault: (fault, scope) => faults.order(fault, scope),
    counts: () => ({ requests: { ...requests }, reviews: api.admission.reviews }),
    async stop() {
      services.stop();
      client.stop();
      api.stop();
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}
