import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';

describe('the emulator as a process', () => {
  let folder: string;
  let program: string;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'aws-emulator-'));
    program = join(folder, 'main.mjs');
    await promisify(execFile)(createRequire(import.meta.url).resolve('esbuild/bin/esbuild'), [
      join(import.meta.dirname, 'main.ts'),
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--log-level=warning',
      `--outfile=${program}`,
    ]);
  });
  // Not at the end of the test: if the process does not end, the test does not reach its end either.
  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
  });
  afterAll(() => rm(folder, { recursive: true }));

  const start = (env: Record<string, string>): ChildProcess => {
    const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    return child;
  };

  it.each([
    { kind: 'black-hole' },
    // Its timer would keep the process alive.
    { kind: 'latency', milliseconds: 600_000 },
  ])('prints its addresses, serves, and ends on SIGTERM during a request: $kind', async (fault) => {
    const child = start({ PORT: '0', REGION: 'eu-west-1' });
    const ended = once(child, 'exit');
    const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
    const addresses = JSON.parse(line) as { endpoint: string };
    expect(addresses).toEqual({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      registryHost: '111122223333.dkr.ecr.eu-west-1.amazonaws.com',
    });
    const order = { method: 'PUT', body: JSON.stringify({ fault }) };
    expect((await fetch(`${addresses.endpoint}/_emulator/fault`, order)).status).toBe(200);
    const held = fetch(addresses.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=GetCallerIdentity',
    });
    held.catch(() => undefined);
    await untilCalled(addresses.endpoint);

    child.kill('SIGTERM');

    expect(await ended).toEqual([0, null]);
    await expect(held).rejects.toThrow();
  });

  it('names a wrong setting, and ends with 2', async () => {
    const child = start({ PORT: 'http' });
    const said: Buffer[] = [];
    child.stderr?.on('data', (chunk: Buffer) => said.push(chunk));

    expect(await once(child, 'close')).toEqual([2, null]);
    expect(Buffer.concat(said).toString()).toBe('PORT: expected a whole number up to 65535\n');
  });
});

async function untilCalled(endpoint: string): Promise<void> {
  for (;;) {
    const { log } = (await (await fetch(`${endpoint}/_emulator/calls`)).json()) as { log: unknown[] };
    if (log.length > 0) return;
  }
}
