import { Counter, Gauge, type Registry } from 'prom-client';
import type { ClosedBecause } from './connections.ts';

/** What is counted of callers that ask too much. */
export interface LoadMetrics {
  /** @param status - of HTTP */
  refusedRequest(status: number): void;
  closedConnection(because: ClosedBecause): void;
  /** @param load - asked at each scrape */
  watch(load: Load): void;
}

/** What is under way. */
export interface Load {
  readonly connections: { readonly count: number };
  readonly waiting: { readonly count: number };
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
    help: 'Connections closed before their time: to make room, for answers that were not taken, or for pipelining',
    labelNames: ['reason'],
    registers,
  });
  let load: Load = { connections: { count: 0 }, waiting: { count: 0 } };
  new Gauge({
    name: 'ecr_anywhere_connections',
    help: 'Open connections to the port of reviews',
    registers,
    collect() {
      this.set(load.connections.count);
    },
  });
  new Gauge({
    name: 'ecr_anywhere_waiting_reviews',
    help: 'Reviews that wait for AWS',
    registers,
    collect() {
      this.set(load.waiting.count);
    },
  });
  return {
    refusedRequest: (status) => refusedRequests.inc({ status }),
    closedConnection: (reason) => closedConnections.inc({ reason }),
    watch: (watched) => void (load = watched),
  };
}
