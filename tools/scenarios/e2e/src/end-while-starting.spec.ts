import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import {
  eventually,
  NODE_FLAGS,
  programFile,
  startProgram,
  type Program,
} from '@ecr-anywhere/local-installation';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

/** However far the start has come. The refresher gives requests that are under way five seconds. */
const SOON = 10_000;

const isRoot = process.getuid?.() === 0;

describe.each(['webhook', 'refresher'] as const)('the %s, told to end while it starts', (app) => {
  let folder: string;
  let apiServer: Server;
  let env: Record<string, string>;
  let program: Program | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-start-'));
    apiServer = await hangingServer();
    const { port } = apiServer.address() as AddressInfo;
    await writeFile(join(folder, 'kubeconfig'), kubeconfig(port));
    env = {
      PORT: '0',
      PROBE_PORT: '0',
      AWS_REGION: 'us-east-1',
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      CERT_FILE: join(folder, 'tls.crt'),
      KEY_FILE: join(folder, 'tls.key'),
      KUBECONFIG: join(folder, 'kubeconfig'),
      TERMINATION_MESSAGE_PATH: join(folder, 'termination-log'),
      SHUTDOWN_DELAY: '0s',
    };
  });

  afterEach(async () => {
    await program?.stop();
    apiServer.close();
    await rm(folder, { recursive: true });
  });

  /** Starts it, sends SIGTERM so many milliseconds after the most of it began to load, and waits for its end. */
  const endAfter = async (milliseconds: number, { loading = 0, asProcess1 = false } = {}) => {
    const file = await loadingFor(loading, folder, programFile(app));
    const unshare = ['--kill-child', '--pid', '--fork', '--mount-proc', process.execPath, ...NODE_FLAGS];
    program = asProcess1
      ? startProgram(undefined, { command: 'unshare', args: [...unshare, file], env })
      : startProgram(file, { env });
    const { pid, errors, ended } = program;
    await eventually('the most of it begins to load', () => errors.includes('loading'), { every: 1 });
    await sleep(milliseconds);
    process.kill(asProcess1 ? await childOf(pid) : pid, 'SIGTERM');
    const sent = performance.now();
    const exit = await ended;
    expect(performance.now() - sent).toBeLessThan(SOON);
    return exit;
  };

  const expectOrder = async (exit: Awaited<Program['ended']>) => {
    if (app === 'webhook') return expect(exit).toEqual({ code: 0, signal: null });
    expect(exit).toEqual({ code: 1, signal: null });
    const message = await readFile(join(folder, 'termination-log'), 'utf8');
    // Where it had asked something by then, it says what.
    expect(message).toMatch(
      /^stopped early \(SIGTERM(?:; the API server did not answer GET \/api\/v1\/namespaces within 5\.\d s)?\): checked 0, due 0, refreshed 0, failed 0$/,
    );
  };

  it('ends in order, even before the most of it is loaded', async () => {
    env['SHUTDOWN_DELAY'] = '20s'; // for those that were served, and there are none
    await expectOrder(await endAfter(0, { loading: 500 }));
  }, 30_000);

  it.each([0, 50, 200])(
    'ends in order after %d ms',
    async (milliseconds) => {
      await expectOrder(await endAfter(milliseconds));
    },
    30_000,
  );

  // To which the kernel sends nothing that it does not handle.
  (isRoot ? it : it.skip).each([0, 100])(
    'ends in order after %d ms as process 1',
    async (milliseconds) => {
      await expectOrder(await endAfter(milliseconds, { asProcess1: true }));
    },
    30_000,
  );
});

/** A copy of a program which says when the most of it begins to load, and has that take some milliseconds more. */
async function loadingFor(milliseconds: number, folder: string, file: string): Promise<string> {
  await cp(dirname(file), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  await writeFile(
    join(folder, 'program.js'),
    `process.stderr.write('loading\\n');
     for (const end = performance.now() + ${milliseconds}; performance.now() < end; );
     export const { program } = await import(${JSON.stringify(pathToFileURL(join(dirname(file), 'program.js')))});`,
  );
  return join(folder, 'main.js');
}

async function childOf(pid: number): Promise<number> {
  return Number.parseInt(await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'));
}

/** Accepts connections and never says a word. */
async function hangingServer(): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  server.on('close', () => sockets.forEach((socket) => socket.destroy()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

function kubeconfig(port: number): string {
  return JSON.stringify({
    // Without skipping it, client-node speaks no plain HTTP.
    clusters: [
      {
        name: 'hanging',
        cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true },
      },
    ],
    contexts: [{ name: 'hanging', context: { cluster: 'hanging', user: 'nobody' } }],
    users: [{ name: 'nobody', user: {} }],
    'current-context': 'hanging',
  });
}
