import { Counter, Gauge, type Registry } from 'prom-client';

/** Why the webhook closed a connection that its client still used. */
export type ClosedBecause =
  /** To make room for other connections. */
  | 'room'
  /** Its client did not read the answer. */
  | 'unread'
  /** It sent more than any TLS handshake needs. */
  | 'handshake'
  /** It sent a request before the answer to the previous one. */
  | 'pipelining';

/** Counts what callers cost. */
export interface LoadMetrics {
  /** @param status - the HTTP status of the answer */
  refusedRequest(status: number): void;
  closedConnection(because: ClosedBecause): void;
  /** @param load - is called at each scrape */
  watch(load: () => Load): void;
}

/** How much memory something takes, and its limit. */
export interface Limited {
  readonly bytes: number;
  readonly most: number;
}

/** What callers take of the memory now. */
export interface Load {
  readonly connections: Limited & { readonly count: number };
  /** Connections to the port of probes and metrics. */
  readonly probes: Limited;
  readonly waiting: Limited & { readonly count: number };
  /** Bodies that are being received. */
  readonly bodies: Limited;
}

export function loadMetrics(registry: Registry): LoadMetrics {
  const registers = [registry];
  const refusedRequests = new Counter({
    name: 'ecr_anywhere_refused_requests_total',
    help: 'Requests that are no review, by the HTTP status of the answer',
    labelNames: ['status'],
    registers,
  });
  const closedConnections = new Counter({
    name: 'ecr_anywhere_closed_connections_total',
    help: 'Connections that the webhook closed to make room, or because of what their clients did',
    labelNames: ['reason'],
    registers,
  });
  const nothing = { count: 0, bytes: 0, most: 0 };
  let load = (): Load => ({ connections: nothing, probes: nothing, waiting: nothing, bodies: nothing });
  new Gauge({
    name: 'ecr_anywhere_connections',
    help: 'Open connections to the port of reviews',
    registers,
    collect() {
      this.set(load().connections.count);
    },
  });
  new Gauge({
    name: 'ecr_anywhere_waiting_reviews',
    help: 'Reviews that wait for AWS',
    registers,
    collect() {
      this.set(load().waiting.count);
    },
  });
  const labelNames = ['kind'] as const;
  new Gauge({
    name: 'ecr_anywhere_load_bytes',
    help: 'Memory that callers take, by kind; bodies while they are received',
    labelNames,
    registers,
    collect() {
      for (const [kind, { bytes }] of kinds(load())) this.set({ kind }, bytes);
    },
  });
  new Gauge({
    name: 'ecr_anywhere_load_limit_bytes',
    help: 'Limit of that memory; bodies may take what connections and waiting reviews leave',
    labelNames,
    registers,
    collect() {
      for (const [kind, { most }] of kinds(load())) this.set({ kind }, most);
    },
  });
  return {
    refusedRequest: (status) => refusedRequests.inc({ status }),
    closedConnection: (reason) => closedConnections.inc({ reason }),
    watch: (watched) => void (load = watched),
  };
}

function kinds({ connections, probes, waiting, bodies }: Load): [kind: string, Limited][] {
  return [
    ['connections', connections],
    ['probe_connections', probes],
    ['waiting_reviews', waiting],
    ['bodies', bodies],
  ];
}
