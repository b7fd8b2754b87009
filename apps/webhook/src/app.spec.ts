import { once } from 'node:events';
import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { allow } from '@ecr-anywhere/admission';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Admit } from './admission.ts';
import { createApp } from './app.ts';
import { createMetrics } from './metrics.ts';
import { reviewRoute } from './review-route.ts';
import { createRequest, fakeSecret, review } from './testing/requests.ts';

describe('the HTTP interface', () => {
  let server: Server;
  let url: string;
  let lines: string[];
  let isDraining: boolean;
  let admit: Admit;

  beforeAll(async () => {
    const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
    const metrics = createMetrics();
    const app = createApp({
      paths: ['/sync', '/mutate'],
      review: reviewRoute({ admit: (asked, signal) => admit(asked, signal), log, metrics }),
      instance: () => ({ instance: 'me', token: true }),
      isDraining: () => isDraining,
      log,
    });
    const handle = app.callback();
    server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => void server.close());

  beforeEach(() => {
    lines = [];
    isDraining = false;
    admit = async (asked) => ({ review: allow(asked), result: 'untouched' });
  });

  const post = (body: string, path = '/sync?timeout=10s', type = 'application/json') =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': type }, body });
  const asked = JSON.stringify(review(createRequest(fakeSecret())));

  it.each(['/sync', '/mutate'])('answers a review at every path of the settings: %s', async (path) => {
    const response = await post(asked, path);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toMatchObject({ response: { uid: '6f1b', allowed: true } });
  });

  it('logs one line an admission, with nothing of what the Secret holds', async () => {
    await post(asked);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      uid: '6f1b',
      namespace: 'test',
      name: 'ecr-secret',
      operation: 'CREATE',
      result: 'untouched',
      milliseconds: expect.any(Number),
    });
    expect(lines[0]).not.toContain('FAKE');
  });

  it.each([
    ['nothing that is known at a path', 'GET', '/elsewhere', undefined, 404],
    ['a method that is no POST', 'GET', '/sync', undefined, 405],
    ['another content type', 'POST', '/sync', ['text/plain', asked], 415],
    ['a body that is not JSON', 'POST', '/sync', ['application/json', '{'], 400],
    ['JSON that is no review', 'POST', '/sync', ['application/json', '{"kind":"Pod"}'], 400],
    [
      'a body of more than 8 MiB',
      'POST',
      '/sync',
      ['application/json', ' '.repeat(8 * 1024 * 1024 + 1)],
      413,
    ],
  ] as const)(
    'answers %s with one sentence and one line of log',
    async (_, method, path, content, status) => {
      const response = await fetch(url + path, {
        method,
        ...(content && { headers: { 'content-type': content[0] }, body: content[1] }),
      });
      expect(response.status).toBe(status);
      expect((await response.text()).trim().split('\n')).toHaveLength(1);
      expect(lines).toHaveLength(1);
      if (status === 405) expect(response.headers.get('allow')).toBe('POST');
    },
  );

  it('says what is wrong with a review, and never quotes it', async () => {
    const text = await (
      await post(
        '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":7,"secret":"canary"}}',
      )
    ).text();
    expect(text).toContain('request.uid: expected a non-empty string');
    expect(text + lines.join()).not.toContain('canary');
  });

  it('refuses, with a word about the log and never a stack, where it has a defect itself', async () => {
    admit = () => Promise.reject(new Error('canary'));
    const response = await post(asked);
    expect(response.status).toBe(200);
    const answer = (await response.json()) as { response: { status: { message: string } } };
    expect(answer).toMatchObject({ response: { allowed: false, status: { code: 500 } } });
    expect(answer.response.status.message).toContain('6f1b');
    expect(JSON.stringify(answer) + lines.join()).not.toContain('canary');
    expect(lines.join()).toContain('app.spec');
  });

  it.each([
    { timeout: '10s', least: 7_500, most: 8_100 },
    { timeout: '2s', least: 800, most: 1_100 },
    { timeout: 'nonsense', least: 7_500, most: 8_100 },
  ])('gives the answer up in time for the API server: of $timeout', async ({ timeout, least, most }) => {
    const timers: number[] = [];
    const original = globalThis.setTimeout;
    // The route's own timer is the only one that is set while a review is answered and aborts it.
    globalThis.setTimeout = ((run: () => void, delay: number) => {
      timers.push(delay);
      return original(run, delay);
    }) as typeof setTimeout;
    try {
      await post(asked, `/sync?timeout=${timeout}`);
    } finally {
      globalThis.setTimeout = original;
    }
    expect(timers.some((delay) => delay >= least && delay <= most)).toBe(true);
  });

  it('asks for another connection while it drains', async () => {
    expect(await connectionHeader()).not.toBe('close');
    isDraining = true;
    expect(await connectionHeader()).toBe('close');
  });

  it('tells other replicas who it is and whether it holds a token', async () => {
    expect(await (await fetch(`${url}/instance`)).json()).toEqual({ instance: 'me', token: true });
  });

  async function connectionHeader(): Promise<string | undefined> {
    const outgoing = httpRequest(`${url}/sync`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    outgoing.end(asked);
    const [response] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage];
    response.resume();
    return response.headers.connection;
  }
});
