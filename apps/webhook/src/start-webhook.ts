import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { admission } from './admission.ts';
import { createApp } from './app.ts';
import type { Config } from './config.ts';
import { loadLimits } from './load-limits.ts';
import type { Logger } from './log.ts';
import { createMetrics } from './metrics.ts';
import { startMonitoring } from './monitoring.ts';
import { peerMemory } from './peer-memory.ts';
import { peerQuestion, type PeerAnswer } from './peer-question.ts';
import { readiness } from './readiness.ts';
import { reviewRoute } from './review-route.ts';
import { serveCertificate } from './serve-certificate.ts';
import { startTlsServer } from './tls-server.ts';
import { createTokens } from './tokens.ts';

/** A webhook that runs. */
export interface Webhook {
  readonly port: number;
  readonly probePort: number;
  /** Unready first; serves on for the shutdown delay, so that the Service can turn away; then drains and ends. */
  stop(): Promise<void>;
}

/** Starts serving, and asks for a first token at once, without waiting for it. */
export async function startWebhook(config: Config, log: Logger): Promise<Webhook> {
  const instance = randomUUID();
  const metrics = createMetrics();
  const { connections, probes, waiting, bodies, refused } = loadLimits(log, metrics);
  const tokens = createTokens(config, log, metrics);
  const state = { isDraining: false, hadToken: false };
  tokens.get().then(
    () => (state.hadToken = true),
    () => undefined, // logged as an event; it is tried again by itself
  );
  const hadToken = () => (state.hadToken ||= tokens.peek() !== undefined);

  const admit = admission({
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
    review: reviewRoute({
      admit,
      log,
      metrics,
      bodies,
      onReview: (request) => connections.reviewCame(request),
    }),
    instance: () => ({ instance, token: hadToken() }),
    isDraining: () => state.isDraining,
    refused,
  });
  const handle = app.callback();
  const server = await startTlsServer(config.port, {
    listener: (request, response) => void handle(request, response),
    connections,
    refused,
  });
  const certificate = serveCertificate(config, log, metrics, {
    use: server.use,
    now: () => tokens.now(),
  });
  const peers = peersOf(config, instance, log);
  const monitoring = await startMonitoring(config.probePort, {
    registry: metrics.registry,
    connections: probes,
    ready: () => readiness({ ...state, hadToken: hadToken(), certificate: certificate.state }, peers),
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
