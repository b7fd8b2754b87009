import { createCertificateAuthority } from '@ecr-anywhere/certificates';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createCallers } from '../callers/callers.ts';
import { none } from '../callers/none.ts';
import { createApp } from './app.ts';
import { createMetrics } from '../operations/metrics.ts';
import { reviewRoute } from '../review/route.ts';
import { untouchedAdmission } from '../testing/admission.ts';
import { logLines } from '../testing/log-lines.ts';
import { rawConnection } from '../testing/raw-connection.ts';
import { unlimited } from '../testing/unlimited.ts';
import { startTlsServer, type TlsServer } from './tls-server.ts';

const POST = 'POST /sync HTTP/1.1\r\nHost: webhook\r\nContent-Type: application/json\r\n';

describe('a malformed request', () => {
  const { log, lines } = logLines();
  let server: TlsServer;
  let isDraining: boolean;

  beforeAll(async () => {
    const limits = unlimited(log);
    const metrics = createMetrics();
    const app = createApp({
      routes: createCallers([none(['/sync'])], { log, metrics }).routes,
      review: reviewRoute({
        ...limits,
        admission: untouchedAdmission(),
        log,
        metrics,
      }),
      instance: () => ({ instance: 'me', token: true }),
      isLast: () => isDraining,
      reportRefusal: limits.reportRefusal,
    });
    const handle = app.callback();
    const listener: Parameters<typeof startTlsServer>[1]['listener'] = (request, response) =>
      void handle(request, response);
    server = await startTlsServer(0, { listener, ...limits });
    const { issue } = await createCertificateAuthority('test');
    server.use(await issue());
  });

  afterAll(() => server.close(0));

  beforeEach(() => {
    lines.length = 0;
    isDraining = false;
  });

  it.each<[string, number, string]>([
    ['that makes no sense', 400, 'CANARY\r\n\r\n'],
    ['whose headers make no sense', 400, 'POST /sync HTTP/1.1\r\nHost: webhook\r\nca nary: x\r\n\r\n'],
    ['that names no host', 400, POST.replace('Host: webhook\r\n', '') + 'Content-Length: 0\r\n\r\n'],
    ['of two lengths', 400, `${POST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`],
    ['whose body makes no sense', 400, `${POST}Transfer-Encoding: chunked\r\n\r\ncanary\r\n`],
    ['whose headers are too large', 431, `${POST}X: ${'canary'.repeat(5_000)}\r\n\r\n`],
    ['of HTTP/2', 400, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['for a tunnel', 405, 'CONNECT canary:443 HTTP/1.1\r\nHost: canary:443\r\n\r\n'],
    [
      'with an expectation, and no review',
      415,
      'POST /sync HTTP/1.1\r\nHost: webhook\r\nExpect: canary\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
    ],
  ])('%s gets its status and one line of log without its content', async (_, status, text) => {
    const { closed, socket } = await rawConnection(server.port, text);
    if (status === 415) socket.end();
    expect(await closed).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(lines.map((line) => JSON.parse(line))).toEqual([expect.objectContaining({ status })]);
    expect(lines.join()).not.toMatch(/canary/i);
  });

  it.each([
    ['is closed', (socket: Awaited<ReturnType<typeof rawConnection>>['socket']) => void socket.end()],
    ['is lost', (socket: Awaited<ReturnType<typeof rawConnection>>['socket']) => void socket.destroy()],
  ])('whose connection %s before its end gets one line of log', async (_, leave) => {
    const { closed, socket } = await rawConnection(server.port, `${POST}Content-Length: 100\r\n\r\n{`);
    leave(socket);
    await closed;
    while (lines.length === 0) await new Promise(setImmediate);
    await rawConnection(server.port); // the server still works
    expect(lines).toHaveLength(1);
  });

  it('is also refused while the server drains', async () => {
    isDraining = true;
    const { closed } = await rawConnection(server.port, 'CANARY\r\n\r\n');
    expect(await closed).toMatch(/^HTTP\/1\.1 400 .*\r\nConnection: close/);
  });
});
