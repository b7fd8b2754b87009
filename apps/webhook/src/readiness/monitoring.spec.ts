import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMetrics } from '../operations/metrics.ts';
import { startMonitoring, type Monitoring } from './monitoring.ts';
import type { Unready } from './readiness.ts';
import { logLines } from '../testing/log-lines.ts';
import { unlimited } from '../testing/unlimited.ts';

describe('the port for probes and metrics', () => {
  let monitoring: Monitoring;
  let ready: () => Promise<Unready>;

  const start = async () => {
    const { registry } = createMetrics();
    const { connections } = unlimited(logLines().log);
    monitoring = await startMonitoring(0, { registry, connections, ready: () => ready() });
  };

  beforeEach(async () => {
    ready = async () => undefined;
    await start();
  });

  afterEach(() => monitoring.stop());

  // Plain HTTP: kubelet and Prometheus need no certificate.
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${monitoring.port}${path}`);
    const type = response.headers.get('content-type');
    return { status: response.status, type, text: await response.text() };
  };

  it('answers that the program is alive, also while it is not ready', async () => {
    ready = () => Promise.reject(new Error('a defect'));
    expect(await get('/livez')).toMatchObject({ status: 200, text: 'alive\n' });
  });

  it('answers that it is ready, or why it is not', async () => {
    expect(await get('/readyz')).toMatchObject({ status: 200, text: 'ready\n' });
    ready = async () => 'no certificate yet';
    expect(await get('/readyz?verbose')).toMatchObject({ status: 503, text: 'no certificate yet\n' });
  });

  it('answers 500 if readiness cannot be determined, without the reason', async () => {
    ready = () => Promise.reject(new Error('canary'));
    expect(await get('/readyz')).toMatchObject({ status: 500, text: '' });
  });

  it('serves metrics in the format of Prometheus', async () => {
    const { status, type, text } = await get('/metrics');
    expect([status, type]).toEqual([200, expect.stringMatching(/^text\/plain; version=0\.0\.4/)]);
    expect(text).toContain('# TYPE ecr_anywhere_admissions_total counter\n');
  });

  it('names its paths in the answer to any other path', async () => {
    expect(await get('/sync')).toMatchObject({ status: 404, text: expect.stringContaining('/readyz') });
  });

  it.each(['//', 'http://', '*'])('answers a path that is not a URL: %s', async (path) => {
    const socket = connect(monitoring.port, '127.0.0.1');
    socket.write(`GET ${path} HTTP/1.1\r\nHost: webhook\r\nConnection: close\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 404 /);
  });

  it('stops immediately, even during the answer to a probe', async () => {
    let isAsked: (() => void) | undefined;
    const asked = new Promise<void>((done) => (isAsked = done));
    ready = () => {
      isAsked?.();
      return new Promise(() => undefined);
    };
    const probe = get('/readyz').catch(() => 'cut');
    await asked;
    await monitoring.stop();
    expect(await probe).toBe('cut');
    await start();
  });
});
