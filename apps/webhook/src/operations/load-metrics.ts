import { Counter, Gauge, type Registry } from 'prom-client';

/** Why a connection was closed before its time. */
export type ClosedBecause =
  /** To make room for others. */
  | 'room'
  /** Its answer was not taken. */
  | 'unread'
  /** What came is larger than any handshake. */
  | 'handshake'
  /** A further request came before the answer to the one before. */
  | 'pipelining';

/** What is counted of callers that ask too much. */
export interface LoadMetrics {
  /** @param status - of HTTP */
  refusedRequest(status: number): void;
  closedConnection(because: ClosedBecause): void;
  /** @param load - asked at each scrape */
  watch(load: () => Load): void;
}

/** What there is of something, and how much there may be. */
export interface Limited {
  readonly bytes: number;
  readonly most: number;
}

/** What is under way. */
export interface Load {
  readonly connections: Limited & { readonly count: number };
  /** Connections to the port for probes and metrics. */
  readonly probes: Limited;
  readonly waiting: Limited & { readonly count: number };
  /** That are coming in. */
  readonly bodies: Limited;
}

export function loadMetrics(registry: Registry): LoadMetrics {
  const registers = [registry];
  const refusedRequests = new Counter({
    name: 'ecr_anywhere_refused_requests_total',
    help: 'Requests that came to no review, by the status of HTTP that they were answered with',
    labelNames: ['status'],
    registers,
  });
  const closedConnections = new Counter({
    name: 'ecr_anywhere_closed_connections_total',
    help: 'Connections closed before their time: to make room, or for what their clients did',
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
    help: 'What callers take of the memory, by what takes it; bodies as they come in',
    labelNames,
    registers,
    collect() {
      for (const [kind, { bytes }] of kinds(load())) this.set({ kind }, bytes);
    },
  });
  new Gauge({
    name: 'ecr_anywhere_load_limit_bytes',
    help: 'What they may take; that of bodies is what connections and waiting reviews leave',
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
