import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync, writeSync, closeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as tls } from 'node:tls';
import {
  createCertificateAuthority,
  eventually,
  programFile,
  startProgram,
  startReplica,
} from '@ecr-anywhere/local-installation';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

/** A program that has not ended by then will not end by itself. */
const LATE = 60_000;

describe('the webhook as a process', () => {
  let folder: string;
  let env: Record<string, string>;
  let cleanUp: (() => unknown)[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-end-'));
    cleanUp = [() => rm(folder, { recursive: true })];
    env = {
      PORT: '0',
      PROBE_PORT: '0',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      CERT_FILE: join(folder, 'tls.crt'),
      KEY_FILE: join(folder, 'tls.key'),
      SHUTDOWN_DELAY: '0s',
    };
  });

  afterEach(async () => {
    for (const step of cleanUp) await step();
  });

  it.each(['PORT', 'PROBE_PORT'])(
    'ends with exit code 2 and the reason if %s is in use',
    async (name) => {
      const taken = await listen();
      cleanUp.push(() => taken.close());
      const program = startProgram(programFile('webhook'), {
        cwd: folder,
        env: { ...env, [name]: String(portOf(taken)) },
      });
      const late = setTimeout(() => program.signal('SIGKILL'), LATE);
      expect(await program.ended).toEqual({ code: 2, signal: null });
      expect(program.errors.join('\n')).toBe(`${name}: ${portOf(taken)} is in use by another program`);
      clearTimeout(late);
      taken.close();
    },
    120_000,
  );

  it('ends with exit code 2 and the reason if it cannot listen at the address that is set', async () => {
    // A documentation address, which no machine has.
    const program = startProgram(programFile('webhook'), {
      cwd: folder,
      env: { ...env, LISTEN_ADDRESS: '192.0.2.1' },
    });
    expect(await program.ended).toEqual({ code: 2, signal: null });
    expect(program.errors.join('\n')).toBe(
      'LISTEN_ADDRESS: this machine does not have the address 192.0.2.1',
    );
  });

  it('writes everything to its log, and nothing to standard error', async () => {
    const replica = await startReplica(await createCertificateAuthority('end'), folder, env);
    cleanUp.unshift(() => replica.program.stop());
    await eventually('AWS was asked', () => replica.log().some((line) => line['code'] === 'network'));
    expect(await replica.program.stop()).toEqual({ code: 0, signal: null });
    expect(replica.program.errors).toEqual([]);
  });

  it('ends after SIGTERM, even if nobody reads its log', async () => {
    const pipe = fullPipe(join(folder, 'log'));
    cleanUp.push(() => closeSync(pipe));
    const probes = await listen();
    const port = portOf(probes);
    probes.close();
    const webhook = spawn(process.execPath, [programFile('webhook')], {
      env: { ...env, PATH: process.env['PATH'] ?? '', PROBE_PORT: String(port) },
      stdio: ['ignore', pipe, 'inherit'],
    });
    await eventually('it is alive', async () => (await fetch(`http://127.0.0.1:${port}/livez`)).ok);
    const ended = exitOf(webhook);
    webhook.kill('SIGTERM');
    const late = setTimeout(() => webhook.kill('SIGKILL'), LATE);
    cleanUp.push(() => clearTimeout(late));
    expect(await ended).toEqual([0, null]);
  });

  it('ends soon after its last answer, even if clients keep their connections', async () => {
    const patience = '10m'; // longer than Jest lets a test take
    const { program, port, metricsUrl } = await startReplica(
      await createCertificateAuthority('end'),
      folder,
      {
        AWS_REGION: 'us-east-1',
        AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
        SHUTDOWN_DELAY: '0s',
        SHUTDOWN_TIMEOUT: patience,
      },
    );
    cleanUp.unshift(() => program.stop());
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    cleanUp.push(() => agent.destroy());
    await Promise.all(Array.from({ length: 64 }, () => post(port, agent)));
    expect((await fetch(metricsUrl)).status).toBe(200); // fetch also keeps its connection
    const unused = tls({ port, host: '127.0.0.1', rejectUnauthorized: false });
    const silent = [connect(port, '127.0.0.1'), connect(Number(new URL(metricsUrl).port), '127.0.0.1')];
    for (const socket of [unused, ...silent]) socket.on('error', () => undefined); // may be reset
    await Promise.all([once(unused, 'secureConnect'), ...silent.map((socket) => once(socket, 'connect'))]);
    let finish: (() => void) | undefined;
    const inFlight = post(port, agent, (rest) => (finish = rest));
    await sleep(200);

    program.signal('SIGTERM');
    setTimeout(() => finish?.(), 1_500);
    expect(await inFlight).toEqual({ status: 200, connection: 'close' });
    expect(await program.ended).toEqual({ code: 0, signal: null });
  });
});

/** Posts the review of a Secret that is not managed. With `hold`, it sends the end of the body only on demand. */
async function post(port: number, agent: Agent, hold?: (rest: () => void) => void) {
  const body = JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'end',
      kind: { group: '', version: 'v1', kind: 'Secret' },
      resource: { group: '', version: 'v1', resource: 'secrets' },
      operation: 'CREATE',
      object: { metadata: { name: 'other' } },
    },
  });
  const sent = request({
    agent,
    port,
    host: '127.0.0.1',
    path: '/sync?timeout=10s',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    rejectUnauthorized: false,
  });
  if (hold === undefined) sent.end(body);
  else {
    sent.write(body.slice(0, -1));
    hold(() => sent.end(body.slice(-1)));
  }
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return { status: response.statusCode, connection: response.headers.connection };
}

async function listen(): Promise<Server> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function exitOf(child: ChildProcess): Promise<unknown> {
  return once(child, 'exit');
}

/** The write end of a full pipe: the reader has stopped. */
function fullPipe(path: string): number {
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, 'r+');
  const writer = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(writer, 'x'.repeat(4_096));
  } catch {
    // the pipe is full
  }
  closeSync(writer);
  return pipe;
}
