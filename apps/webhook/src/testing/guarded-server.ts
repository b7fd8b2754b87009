import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request, type Agent } from 'node:https';
import { createCertificateAuthority, type Certificate } from '@ecr-anywhere/certificates';
import type { CallerCheckOptions } from '../callers/index.ts';
import type { Callers } from '../callers/callers.ts';
import { createApp } from '../http/app.ts';
import { startTlsServer, type TlsServer } from '../http/tls-server.ts';
import { createMetrics, type Metrics } from '../operations/metrics.ts';
import { reviewRoute } from '../review/route.ts';
import { untouchedAdmission } from './admission.ts';
import { logLines } from './log-lines.ts';
import { createRequest, fakeSecret, review } from './requests.ts';
import { unlimited } from './unlimited.ts';

/** The HTTP interface of the webhook, over TLS, with a check of callers. Its reviews are answered without AWS. */
export interface GuardedServer {
  readonly port: number;
  readonly server: TlsServer;
  readonly callers: Callers;
  readonly lines: string[];
  readonly metrics: Metrics;
  /** The time by which certificates are judged. */
  now: number;
  /** Sends a review, or another request, on a connection of its own. */
  ask(question?: Question): Promise<Answer>;
  /** The lines of the log that say why a caller was refused. */
  refusals(): Record<string, unknown>[];
  stop(): Promise<void>;
}

export interface Question {
  readonly by?: Certificate;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** Undefined for one that never ends. */
  readonly body?: string | undefined;
  /** Keeps the connection; by default each question has its own. */
  readonly agent?: Agent;
}

export interface Answer {
  readonly status: number | undefined;
  readonly text: string;
  readonly headers: IncomingMessage['headers'];
}

/** A review of a Secret that the webhook leaves untouched. */
export const REVIEW = JSON.stringify(review(createRequest(fakeSecret())));

/** @param choose - makes the callers; all of them are started before the first question */
export async function startGuardedServer(
  choose: (options: CallerCheckOptions) => Callers,
): Promise<GuardedServer> {
  const { log, lines } = logLines();
  const metrics = createMetrics();
  const limits = unlimited(log);
  const callers = choose({
    paths: ['/sync'],
    interval: 10,
    now: () => guarded.now,
    log,
    metrics,
  });
  const app = createApp({
    routes: callers.routes,
    review: reviewRoute({ ...limits, admission: untouchedAdmission(), log, metrics }),
    instance: () => ({ instance: 'me', token: true }),
    isLast: ({ socket }) => callers.isOutdated(socket),
    reportRefusal: limits.reportRefusal,
  });
  const handle = app.callback();
  const server = await startTlsServer(0, {
    listener: (incoming, response) => void handle(incoming, response),
    ...limits,
    clients: callers.clients,
  });
  const { issue } = await createCertificateAuthority('server');
  server.use(await issue());
  callers.start(server.trust);
  const guarded: GuardedServer = {
    port: server.port,
    server,
    callers,
    lines,
    metrics,
    now: Date.now(),
    async ask({ by, method = 'POST', path = '/sync', headers = {}, agent, ...rest } = {}) {
      const outgoing = request({
        host: '127.0.0.1',
        port: server.port,
        method,
        path,
        headers: { 'content-type': 'application/json', ...headers },
        rejectUnauthorized: false,
        agent: agent ?? false,
        ...by,
      });
      const body = 'body' in rest ? rest.body : method === 'POST' ? REVIEW : '';
      if (body === undefined) outgoing.write('{');
      else outgoing.end(body);
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += String(chunk);
      if (body === undefined) outgoing.destroy();
      return { status: response.statusCode, text, headers: response.headers };
    },
    refusals: () =>
      lines.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ status }) => status === 404),
    async stop() {
      callers.stop();
      await server.close(0);
    },
  };
  return guarded;
}
