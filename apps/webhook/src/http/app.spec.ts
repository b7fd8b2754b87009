import { once } from 'node:events';
import {
  createServer,
  METHODS,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type Server,
} from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { allow, deny } from '@ecr-anywhere/admission';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Admission } from '../review/admission.ts';
import { createCallers } from '../callers/callers.ts';
import { none } from '../callers/none.ts';
import { createApp } from './app.ts';
import { createMetrics } from '../operations/metrics.ts';
import { reviewRoute } from '../review/route.ts';
import { untouchedAdmission } from '../testing/admission.ts';
import { eventually } from '@ecr-anywhere/eventually';
import { logLines } from '../testing/log-lines.ts';
import { createRequest, fakeSecret, review } from '../testing/requests.ts';
import { unlimited } from '../testing/unlimited.ts';

describe('the HTTP interface', () => {
  let server: Server;
  let url: string;
  const { log, lines } = logLines();
  let isDraining: boolean;
  let answer: Admission['answer'];

  beforeAll(async () => {
    const metrics = createMetrics();
    const app = createApp({
      // The last one is refused in the settings. Even so, it must not answer in the place of what replicas ask for.
      routes: createCallers([none(['/sync', '/mutate', '/instance'])], { log, metrics }).routes,
      review: reviewRoute({
        ...unlimited(log),
        admission: untouchedAdmission((decided, limits) => answer(decided, limits)),
        log,
        metrics,
      }),
      instance: () => ({ instance: 'me', token: true }),
      isLast: () => isDraining,
      reportRefusal: unlimited(log).reportRefusal,
    });
    const handle = app.callback();
    server = createServer((request, response) => void handle(request, response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(() => void server.close());

  beforeEach(() => {
    lines.length = 0;
    isDraining = false;
    ({ answer } = untouchedAdmission());
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

  it('logs one line for each admission, without content of the Secret', async () => {
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
    ['a path of 15 KB', 'GET', `/${'a'.repeat(15_000)}`, undefined, 404],
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
    [
      'a body of more parts than can be parsed in little memory',
      'POST',
      '/sync',
      ['application/json', `[${'{},'.repeat(50_000)}0]`],
      413,
    ],
    [
      'a review without a valid uid',
      'POST',
      '/sync',
      ['application/json', JSON.stringify(review(createRequest(fakeSecret(), { uid: 'u'.repeat(254) })))],
      400,
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
    },
  );

  // CONNECT never becomes a request: see malformed-request.spec.ts.
  it.each(METHODS.filter((method) => !['POST', 'CONNECT'].includes(method)))(
    'answers %s with 405, what is allowed, and one line of log',
    async (method) => {
      const { statusCode, headers } = await responseTo(method, '/sync');
      expect([statusCode, headers.allow]).toEqual([405, 'POST']);
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({ status: 405, method, path: '/sync' }),
      ]);
    },
  );

  it.each([
    ['http://[/sync', 400],
    ['http://', 400],
    ['*', 400],
    ['//', 404],
    ['/%', 404],
    ['/sync#/', 415],
    ['http://webhook/elsewhere', 404],
  ])('answers a request for %s with %i, one sentence and one line of log', async (target, status) => {
    const { port } = server.address() as AddressInfo;
    const { socket, closed } = plainConnection(port, `POST ${target} HTTP/1.1\r\nHost: webhook\r\n\r\n`);
    await eventually('the request is in the log', () => lines.length > 0);
    socket.end();
    const answer = await closed;
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer.slice(answer.indexOf('\r\n\r\n')).trim().split('\n')).toHaveLength(1);
    expect(lines.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ status })]);
  });

  it('serves a target that is a URL like its path, as RFC 9112 demands', async () => {
    const { port } = server.address() as AddressInfo;
    const text = `POST https://webhook/sync HTTP/1.1\r\nHost: webhook\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${asked.length}\r\n\r\n${asked}`;
    expect(await plainConnection(port, text).closed).toMatch(/^HTTP\/1.1 200 [^]*"allowed":true/);
  });

  // An unknown path may be almost the path that has a secret in it, which has at least 32 characters.
  it.each([
    ['/elsewhere', '/elsewhere'],
    ['/elsewhere?a=secret', '/elsewhere'],
    ['/elsewhere/secret', '/elsewhere'],
    ['/elsewhere%2Fsecret', '/elsewhere'],
    ['//elsewhere/secret', '/'],
    ['/elsewhere;secret', '/elsewhere'],
    ['http://webhook/elsewhere/secret', '/elsewhere'],
    ['http://[/secret', undefined],
    [`/${'a'.repeat(31)}`, `/${'a'.repeat(31)}`],
    [`/${'a'.repeat(32)}`, undefined],
  ])('logs no more of the unknown path %s than %s', async (target, path) => {
    const { port } = server.address() as AddressInfo;
    const text = `POST ${target} HTTP/1.1\r\nHost: webhook\r\nConnection: close\r\n\r\n`;
    await plainConnection(port, text).closed;
    expect(lines).toHaveLength(1);
    expect((JSON.parse(lines[0]!) as { path?: string }).path).toBe(path);
  });

  it('answers POST at the path of replicas with 405', async () => {
    const { statusCode, headers } = await responseTo('POST', '/instance');
    expect([statusCode, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it('reads a body of exactly 8 MiB that is mostly one string', async () => {
    const text = 'x'.repeat(8 * 1024 * 1024 - asked.length - '"text":"",'.length);
    expect((await post(asked.replace('{', `{"text":"${text}",`))).status).toBe(200);
  });

  it('logs the time from the last byte of a review to its answer', async () => {
    const outgoing = request('POST', '/sync');
    outgoing.write(asked.slice(0, 10));
    await once(server, 'request');
    await sleep(300);
    const sent = performance.now();
    outgoing.end(asked.slice(10));
    await once(outgoing, 'response');
    const { milliseconds } = JSON.parse(lines[0]!) as { milliseconds: number };
    expect(milliseconds).toBeLessThanOrEqual(performance.now() - sent);
  });

  it('says what is wrong with a review, and never quotes it', async () => {
    const text = await (
      await post(
        '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":7,"secret":"canary"}}',
      )
    ).text();
    expect(text).toContain('request.uid: expected a non-empty string');
    expect(text + lines.join()).not.toContain('canary');
  });

  it('logs the location of a defect, and never its message', async () => {
    const status = { code: 500, reason: 'InternalError', message: 'a defect' };
    answer = async ({ outline }) => ({
      review: deny(outline, status),
      result: 'error',
      defect: new Error('canary'),
    });
    const response = await post(asked);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ response: { allowed: false, status } });
    expect(lines.join()).not.toContain('canary');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        uid: '6f1b',
        result: 'error',
        error: 'Error',
        stack: expect.arrayContaining([expect.stringContaining('app.spec')]),
      }),
    ]);
  });

  describe('gives a review a time in which the API server still reads the answer', () => {
    let given: number;
    beforeEach(() => {
      answer = async ({ outline }, { timeout }) => {
        given = timeout;
        return { review: allow(outline), result: 'untouched' };
      };
    });

    it('of less than the timeout in its query', async () => {
      expect((await post(asked, '/sync?timeout=30s')).status).toBe(200);
      expect(given).toBeLessThanOrEqual(28_000);
      expect(given).toBeGreaterThan(8_000); // what a review without a timeout has
    });

    it('counted from the arrival of the request, also when its body arrives slowly', async () => {
      const outgoing = request('POST', '/sync?timeout=30s');
      outgoing.write(asked.slice(0, 10));
      await once(server, 'request');
      await sleep(600);
      outgoing.end(asked.slice(10));
      await once(outgoing, 'response');
      expect(given).toBeLessThanOrEqual(28_000 - 500);
    });
  });

  it('closes connections while it drains, also when draining began during the request', async () => {
    expect(await connectionHeader()).not.toBe('close');
    answer = async ({ outline }) => {
      isDraining = true;
      return { review: allow(outline), result: 'untouched' };
    };
    expect(await connectionHeader()).toBe('close');
    expect(await connectionHeader()).toBe('close');
  });

  it('tells other replicas its name and whether it holds a token', async () => {
    expect(await (await fetch(`${url}/instance`)).json()).toEqual({ instance: 'me', token: true });
  });

  function request(method: string, path: string): ClientRequest {
    const headers = { 'content-type': 'application/json' };
    return httpRequest(url + path, { method, headers });
  }

  async function responseTo(method: string, path: string, body?: string): Promise<IncomingMessage> {
    const outgoing = request(method, path).end(body);
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return response.resume();
  }

  function plainConnection(port: number, text: string): { socket: Socket; closed: Promise<string> } {
    const socket = connect(port, '127.0.0.1').setEncoding('utf8');
    let received = '';
    socket.on('data', (chunk: string) => (received += chunk));
    socket.write(text);
    return { socket, closed: once(socket, 'close').then(() => received) };
  }

  async function connectionHeader(): Promise<string | undefined> {
    return (await responseTo('POST', '/sync', asked)).headers.connection;
  }
});
