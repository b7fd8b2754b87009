import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdmission } from './review/admission.ts';
import type { CallerCheck } from './callers/caller-check.ts';
import { CALLER_CHECKS } from './callers/index.ts';
import { createApp } from './http/app.ts';
import type { Config } from './config.ts';
import { loadLimits } from './load/load-limits.ts';
import type { Logger } from './operations/log.ts';
import { createMetrics } from './operations/metrics.ts';
import { startMonitoring } from './readiness/monitoring.ts';
import { peerMemory } from './readiness/peer-memory.ts';
import { peerQuestion, type PeerAnswer } from './readiness/peer-question.ts';
import { readiness } from './readiness/readiness.ts';
import { reviewRoute } from './review/route.ts';
import { serveCertificate } from './certificate/serve-certificate.ts';
import { startTlsServer } from './http/tls-server.ts';
import { createTokens } from './profiles/tokens.ts';

/** A webhook that runs. */
export interface Webhook {
  readonly port: number;
  readonly probePort: number;
  /** Unready first; serves on for the shutdown delay, so that the Service can turn away; then drains and ends. */
  stop(): Promise<void>;
}

/** Starts serving, and asks for a first token at once, without waiting for it. */
export async function startWebhook(
  config: Config,
  log: Logger,
  caller: CallerCheck = CALLER_CHECKS.none(),
): Promise<Webhook> {
  const instance = randomUUID();
  const metrics = createMetrics();
  const { connections, probes, waiting, bodies, reportRefusal } = loadLimits(log, metrics);
  const tokens = createTokens(config, log, metrics);
  const state = { isDraining: false, hadToken: false };
  tokens().then(
    () => (state.hadToken = true),
    () => undefined, // logged as an event; it is tried again by itself
  );
  const hadToken = () => (state.hadToken ||= tokens.peek() !== undefined);

  const admission = createAdmission({
    tokens,
    waiting,
    threshold: config.threshold,
    margin: config.margin,
    configHash: config.configHash,
    region: config.aws.region,
    registryHosts: config.registryHosts,
  });
  const app = createApp({
    paths: config.paths,
    caller,
    review: reviewRoute({
      admission,
      log,
      metrics,
      bodies,
      onReview: (request) => connections.reviewCame(request),
    }),
    instance: () => ({ instance, token: hadToken() }),
    isDraining: () => state.isDraining,
    reportRefusal,
  });
  const handle = app.callback();
  const server = await startTlsServer(config.port, {
    listener: (request, response) => void handle(request, response),
    connections,
    reportRefusal,
    asksForCertificate: caller.asksForCertificate,
  });
  caller.start?.(server.trust);
  const certificate = serveCertificate(config, log, metrics, {
    use: server.use,
    now: () => tokens.now(),
  });
  const peers = peersOf(config, instance, log);
  const monitoring = await startMonitoring(config.probePort, {
    registry: metrics.registry,
    connections: probes,
    ready: async () =>
      caller.unready?.() ??
      readiness({ ...state, hadToken: hadToken(), certificate: certificate.state }, peers),
  });
  log.info({ port: server.port, probePort: monitoring.port, paths: config.paths }, 'listening');

  return {
    port: server.port,
    probePort: monitoring.port,
    async stop() {
      state.isDraining = true;
      await sleep(config.shutdownDelay);
      certificate.stop();
      tokens.close();
      await server.close(config.shutdownTimeout);
      caller.stop?.();
      await monitoring.stop();
    },
  };
}

function peersOf(
  { peerUrl, caFile, certFile }: Config,
  instance: string,
  log: Logger,
): () => Promise<PeerAnswer> {
  if (peerUrl === undefined) return async () => 'none';
  const clock = () => performance.now();
  const caFiles = [caFile, certFile];
  const onIgnored = (problem: string) => log.error({ problem }, 'a file of CAs is ignored');
  return peerMemory(peerQuestion({ url: peerUrl, instance, caFiles, clock, onIgnored }), clock);
}
