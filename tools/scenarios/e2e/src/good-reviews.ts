import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { fakeSecret } from './stage.ts';

/** The result of a review. */
export interface ReviewAnswer {
  /** The HTTP status; 0 if there is no answer. */
  readonly status: number;
  readonly allowed: boolean;
  /** The code of a denied review. */
  readonly code?: number;
  readonly milliseconds: number;
}

/** How a review is sent. */
export interface SendOptions {
  /** The API server's timeout. */
  readonly timeout?: string;
  /** Without an agent, the request uses a new connection. */
  readonly agent?: Agent;
}

/**
 * The review of a Secret that asks for credentials.
 * @param changes - what is different in the Secret
 * @param more - what else the request says, such as its namespace
 */
export function review(changes: object = {}, more: object = {}): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'review',
      kind: { group: '', version: 'v1', kind: 'Secret' },
      resource: { group: '', version: 'v1', resource: 'secrets' },
      operation: 'CREATE',
      object: { ...fakeSecret('review'), ...changes },
      ...more,
    },
  });
}

/** Sends a body as the API server does. */
export async function send(
  port: number,
  body: string,
  { timeout = '4s', agent }: SendOptions = {},
): Promise<ReviewAnswer> {
  const started = performance.now();
  const sent = request({
    port,
    host: '127.0.0.1',
    path: `/sync?timeout=${timeout}`,
    method: 'POST',
    rejectUnauthorized: false,
    agent: agent ?? false,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  });
  const answer = await new Promise<Pick<ReviewAnswer, 'status' | 'allowed'>>((done) => {
    const lost = () => done({ status: 0, allowed: false });
    sent.on('error', lost).on('close', lost);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('error', lost);
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => done({ status: response.statusCode ?? 0, ...verdictOf(text) }));
    });
    sent.end(body);
  });
  return { ...answer, milliseconds: performance.now() - started };
}

function verdictOf(text: string): { allowed: boolean; code?: number } {
  try {
    const { response } = JSON.parse(text) as { response: { allowed: boolean; status?: { code: number } } };
    return { allowed: response.allowed, ...(response.status && { code: response.status.code }) };
  } catch {
    return { allowed: false };
  }
}

/** A stream of reviews. */
export interface GoodReviews {
  /** Stops the stream. @returns the result of each review */
  stop(): Promise<readonly ReviewAnswer[]>;
}

/** Ten reviews a second, alternately on kept and on new connections. */
export function goodReviews(port: number, timeout = '10s'): GoodReviews {
  const agent = new Agent({ keepAlive: true });
  const answers: Promise<ReviewAnswer>[] = [];
  let isOver = false;
  const work = (async () => {
    while (!isOver) {
      const kept = answers.length % 2 === 0;
      answers.push(send(port, review(), { timeout, ...(kept && { agent }) }));
      await sleep(100);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await work;
      const all = await Promise.all(answers);
      agent.destroy();
      return all;
    },
  };
}

/** The 99th percentile of the response times. */
export function p99(answers: readonly ReviewAnswer[]): number {
  const times = answers.map(({ milliseconds }) => milliseconds).sort((one, other) => one - other);
  return times[Math.floor(times.length * 0.99)] ?? Number.NaN;
}
