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

const isRoot = process.getuid?.() === 0;

describe.each(['webhook', 'refresher'] as const)('the %s, if it gets SIGTERM during its start', (app) => {
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

  /** Starts the program, sends SIGTERM this many milliseconds after most of its code begins to load, and waits for its end. */
  const endAfter = async (milliseconds: number, { loading = 0, asProcess1 = false } = {}) => {
    const file = await loadingFor(loading, folder, programFile(app));
    const unshare = ['--kill-child', '--pid', '--fork', '--mount-proc', process.execPath, ...NODE_FLAGS];
    program = asProcess1
      ? startProgram(undefined, { command: 'unshare', args: [...unshare, file], env })
      : startProgram(file, { env });
    const { pid, errors, ended } = program;
    await eventually('most of the code begins to load', () => errors.includes('loading'), { every: 1 });
    await sleep(milliseconds);
    process.kill(asProcess1 ? await childOf(pid) : pid, 'SIGTERM');
    return ended;
  };

  const expectOrder = async (exit: Awaited<Program['ended']>) => {
    if (app === 'webhook') return expect(exit).toEqual({ code: 0, signal: null });
    expect(exit).toEqual({ code: 1, signal: null });
    const message = await readFile(join(folder, 'termination-log'), 'utf8');
    // If a request was already running, the program waits five seconds for it, and names it. Its own limit is 30 s.
    expect(message).toMatch(
      /^stopped early \(SIGTERM(?:; the API server did not answer GET \/api\/v1\/namespaces within (?:[5-9]|1\d|2\d)\.\d s)?\): checked 0, due 0, refreshed 0, failed 0$/,
    );
  };

  it('ends with its normal exit code, even before most of its code is loaded', async () => {
    env['SHUTDOWN_DELAY'] = '10m'; // longer than Jest lets a test take: no client was served, so the webhook does not wait
    await expectOrder(await endAfter(0, { loading: 500 }));
  });

  it.each([0, 50, 200])(
    'ends with its normal exit code after %d ms',
    async (milliseconds) => {
      await expectOrder(await endAfter(milliseconds));
    },
    120_000,
  );

  // The kernel does not deliver signals to process 1 that it does not handle.
  (isRoot ? it : it.skip).each([0, 100])(
    'ends with its normal exit code after %d ms as process 1',
    async (milliseconds) => {
      await expectOrder(await endAfter(milliseconds, { asProcess1: true }));
    },
    120_000,
  );
});

/** A copy of a program. It prints when most of its code begins to load, and delays the loading. */
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

/** Accepts connections and never answers. */
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
    // Without this option, client-node does not use plain HTTP.
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
