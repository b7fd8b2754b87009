import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdmission } from './review/admission.ts';
import { chooseCallers } from './callers/index.ts';
import { createApp } from './http/app.ts';
import type { Config } from './config.ts';
import { loadLimits } from './load/load-limits.ts';
import type { Logger } from './operations/log.ts';
import { createMetrics } from './operations/metrics.ts';
import { startMonitoring } from './readiness/monitoring.ts';
import { peerMemory } from './readiness/peer-memory.ts';
import { peerQuestion, type PeerAnswer } from './readiness/peer-question.ts';
import { readiness } from './readiness/readiness.ts';
import { trustedCertificates } from './readiness/trusted-certificates.ts';
import { watchReport } from './report/watch-report.ts';
import { reviewRoute } from './review/route.ts';
import { serveCertificate } from './certificate/serve-certificate.ts';
import { startTlsServer } from './http/tls-server.ts';
import { serveProfiles } from './profiles/served-profiles.ts';

/** A running webhook. */
export interface Webhook {
  readonly port: number;
  readonly probePort: number;
  /**
   * Becomes unready at once. Keeps serving for the shutdown delay, so that the Service can stop routing to this replica.
   * Then drains and ends.
   */
  stop(): Promise<void>;
}

/** Starts serving, and requests the first tokens without waiting for them. */
export async function startWebhook(config: Config, log: Logger): Promise<Webhook> {
  const instance = randomUUID();
  const metrics = createMetrics();
  const { connections, probes, waiting, bodies, reportRefusal } = loadLimits(log, metrics);
  const profiles = serveProfiles(
    config.profiles,
    { ...config, interval: config.certCheckInterval },
    log,
    metrics,
  );
  const callers = chooseCallers(config.callers, {
    paths: config.paths,
    interval: config.certCheckInterval,
    now: () => profiles.now(),
    log,
    metrics,
  });
  let isDraining = false;
  const { threshold, margin, rules, dockerConfigFields } = config;
  const app = createApp({
    routes: callers.routes,
    review: reviewRoute({
      admission: createAdmission({ profiles, waiting, threshold, margin, rules, dockerConfigFields }),
      log,
      metrics,
      bodies,
      onReview: (request) => connections.reviewCame(request),
    }),
    instance: () => ({ instance, token: profiles.hadToken }),
    // The API server is to open its next connection to another replica, or a connection that the CAs of now have judged.
    isLast: ({ socket }) => isDraining || callers.isOutdated(socket),
    reportRefusal,
  });
  const handle = app.callback();
  const server = await startTlsServer(config.port, {
    address: config.listenAddress,
    listener: (request, response) => void handle(request, response),
    connections,
    reportRefusal,
    clients: callers.clients,
  });
  callers.start(server.trust);
  const certificate = serveCertificate(config, log, metrics, {
    use: server.use,
    now: () => profiles.now(),
  });
  const peers = peersOf(config, instance, log);
  const report = config.reportFile === undefined ? undefined : watchReport(config.reportFile, log, metrics);
  const monitoring = await startMonitoring(config.probePort, {
    address: config.listenAddress,
    registry: metrics.registry,
    connections: probes,
    ready: async () =>
      callers.unready() ??
      readiness({ isDraining, hadToken: profiles.hadToken, certificate: certificate.state }, peers.ask),
  });
  log.info(
    { port: server.port, probePort: monitoring.port, paths: config.paths, callers: callers.modes },
    'listening',
  );

  return {
    port: server.port,
    probePort: monitoring.port,
    async stop() {
      isDraining = true;
      await sleep(config.shutdownDelay);
      certificate.stop();
      peers.stop();
      report?.stop();
      profiles.close();
      await server.close(config.shutdownTimeout);
      callers.stop();
      await monitoring.stop();
    },
  };
}

/** The question to the other replicas, if there is a Service to ask through. */
function peersOf(config: Config, instance: string, log: Logger) {
  const { peerUrl: url, peerServerName: serverName } = config;
  if (url === undefined) return { ask: async (): Promise<PeerAnswer> => 'none', stop: () => undefined };
  const clock = () => performance.now();
  const certificates = trustedCertificates(config, log);
  const trusted = () => certificates.pem;
  return {
    ask: peerMemory(peerQuestion({ url, serverName, instance, trusted, clock }), clock),
    stop: () => certificates.stop(),
  };
}
