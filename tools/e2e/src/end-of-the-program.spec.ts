import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { constants, openSync, writeSync, closeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, programFile, startProgram } from '@ecr-anywhere/local-installation';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

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
    'ends with 2 and the reason where %s is taken',
    async (name) => {
      const taken = await listen();
      cleanUp.push(() => taken.close());
      const program = startProgram(programFile('webhook'), {
        cwd: folder,
        env: { ...env, [name]: String(portOf(taken)) },
      });
      const late = setTimeout(() => program.signal('SIGKILL'), 8_000);
      expect(await program.ended).toEqual({ code: 2, signal: null });
      expect(program.errors.join('\n')).toContain(`EADDRINUSE: address already in use :::${portOf(taken)}`);
      clearTimeout(late);
      taken.close();
    },
    20_000,
  );

  it('ends when it is told to, though nobody reads its log', async () => {
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
    const late = setTimeout(() => webhook.kill('SIGKILL'), 8_000);
    cleanUp.push(() => clearTimeout(late));
    expect(await ended).toEqual([0, null]);
  }, 20_000);
});

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

/** The end of a pipe that takes nothing more, as whoever should read it has stopped. */
function fullPipe(path: string): number {
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, 'r+');
  const writer = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    for (;;) writeSync(writer, 'x'.repeat(4_096));
  } catch {
    // it is full
  }
  closeSync(writer);
  return pipe;
}
