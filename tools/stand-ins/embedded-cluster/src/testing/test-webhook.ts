import { randomUUID } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { IncomingHttpHeaders } from 'node:http';
import { createCertificateAuthority } from '@ecr-anywhere/certificates';
import { eventually } from '@ecr-anywhere/eventually';
import type { TestCluster } from './test-cluster.ts';

/** A received review. */
export interface ReceivedReview {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly apiVersion: string;
  readonly connection: Socket;
  readonly request: {
    readonly uid: string;
    readonly operation: string;
    readonly name?: string;
    readonly namespace?: string;
    readonly dryRun?: boolean;
    readonly object: ReviewedSecret | null;
    readonly oldObject: ReviewedSecret | null;
    readonly userInfo: { readonly username: string };
    readonly options: unknown;
    readonly [field: string]: unknown;
  };
}

export interface ReviewedSecret {
  readonly kind: string;
  readonly apiVersion: string;
  readonly type?: string;
  readonly data?: Readonly<Record<string, string>>;
  readonly stringData?: unknown;
  readonly metadata: {
    readonly name?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [field: string]: unknown;
  };
}

/** The answer: fields of the response, a whole HTTP answer, or the end of the connection without an answer. */
export type TestAnswer =
  | { readonly response: object }
  | { readonly http: number; readonly body?: string; readonly headers?: Record<string, string> }
  | 'reset'
  | 'silence';

export type Answerer = (review: ReceivedReview) => TestAnswer | Promise<TestAnswer>;

/** A webhook whose answers a spec chooses. */
export interface TestWebhook {
  readonly port: number;
  /** The CA of its certificate, PEM. */
  readonly ca: string;
  /** The received reviews in their order, without those that {@link register} caused. */
  readonly reviews: readonly ReceivedReview[];
  /** Sets the answer for all later reviews; by default, everything is allowed. Deletes the recorded reviews. */
  answer(answerer?: Answerer): void;
  /** Makes an API server call this webhook for Secrets labelled `hook` in such a namespace. Waits for the first call. */
  register(cluster: TestCluster, overrides?: object): Promise<Registration>;
  stop(): Promise<void>;
}

export interface Registration {
  /** The path of the Secrets of a namespace in which the webhook is called. */
  readonly secrets: string;
  remove(): Promise<void>;
}

export const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const PROBE = 'registration-probe';
let registrations = 0;

export async function startTestWebhook(names: readonly string[] = ['127.0.0.1']): Promise<TestWebhook> {
  // Unique names: OpenSSL finds an issuer by its name.
  const { cert: ca, issue } = await createCertificateAuthority(`hook ${randomUUID()}`);
  const allow: Answerer = () => ({ response: { allowed: true } });
  let answerer = allow;
  let reviews: ReceivedReview[] = [];
  let probes = 0;

  const server = createServer(await issue({ names }), (message, response) => {
    const chunks: Buffer[] = [];
    message.on('data', (chunk: Buffer) => chunks.push(chunk));
    message.on('end', () => {
      const { apiVersion, request } = JSON.parse(Buffer.concat(chunks).toString()) as ReceivedReview;
      const review = {
        path: message.url ?? '',
        headers: message.headers,
        apiVersion,
        connection: message.socket,
        request,
      };
      const isProbe = (request.object ?? request.oldObject)?.metadata.labels?.['probe'] === PROBE;
      if (isProbe) probes += 1;
      else reviews.push(review);
      const reply = (answer: TestAnswer) => {
        if (answer === 'silence') return;
        if (answer === 'reset') return void message.socket.destroy();
        if ('http' in answer) return void response.writeHead(answer.http, answer.headers).end(answer.body);
        const content = { uid: request.uid, ...answer.response };
        const body = JSON.stringify({ kind: 'AdmissionReview', apiVersion, response: content });
        response.writeHead(200, { 'content-type': 'application/json' }).end(body);
      };
      void Promise.resolve((isProbe ? allow : answerer)(review)).then(reply);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;

  return {
    port,
    ca,
    get reviews() {
      return reviews;
    },
    answer(next = allow) {
      answerer = next;
      reviews = [];
    },
    async register(cluster, overrides = {}) {
      const id = `hook-${process.pid}-${Date.now().toString(36)}-${++registrations}`;
      const secrets = await cluster.namespace({ hook: id });
      const url = `https://127.0.0.1:${port}/review`;
      const caBundle = Buffer.from(ca).toString('base64');
      const common = {
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        clientConfig: { url, caBundle },
        rules: [
          { operations: ['CREATE', 'UPDATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'] },
        ],
        namespaceSelector: { matchLabels: { hook: id } },
      };
      const objectSelector = { matchLabels: { hook: 'yes' } };
      const webhooks = [
        { ...common, name: 'hook.example.com', objectSelector, ...overrides },
        // Shows when the API server uses the configuration. A real one needs a moment.
        { ...common, name: 'probe.example.com', objectSelector: { matchLabels: { probe: PROBE } } },
      ];
      const created = await cluster.call('POST', CONFIGURATIONS, { metadata: { name: id }, webhooks });
      if (created.status !== 201) throw new Error(created.text);
      const before = probes;
      await eventually('the API server calls the webhook', async () => {
        const metadata = { generateName: 'probe-', labels: { probe: PROBE } };
        await cluster.call('POST', `${secrets}?dryRun=All`, { metadata });
        return probes > before;
      });
      reviews = [];
      return {
        secrets,
        remove: async () => void (await cluster.call('DELETE', `${CONFIGURATIONS}/${id}`)),
      };
    },
    async stop() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}
