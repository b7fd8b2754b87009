import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programFile, startProgram } from '@ecr-anywhere/local-installation';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

// The refresher as in its image, with a faulty API server.

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

describe('the refresher as a process', () => {
  let folder: string;
  let server: Server;
  let asked: string[];
  let answer: Answer;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-refresher-'));
    asked = [];
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      answer(request, response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    await writeFile(
      join(folder, 'kubeconfig'),
      JSON.stringify({
        clusters: [{ name: 'fake', cluster: { server: `http://127.0.0.1:${port}` } }],
        contexts: [{ name: 'fake', context: { cluster: 'fake', user: 'nobody' } }],
        users: [{ name: 'nobody', user: {} }],
        'current-context': 'fake',
      }),
    );
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  const settings = () => ({
    KUBECONFIG: join(folder, 'kubeconfig'),
    TERMINATION_MESSAGE_PATH: join(folder, 'termination-log'),
  });
  const start = (...args: string[]) => startProgram(programFile('refresher'), { args, env: settings() });
  const terminationMessage = () => readFile(join(folder, 'termination-log'), 'utf8');

  describe('with an API server that hangs', () => {
    beforeEach(() => {
      answer = () => undefined;
    });

    // stop-signals.spec.ts says when each step comes.
    it('ends at its deadline, and says so', async () => {
      const program = start('--deadline', '10s'); // longer than it takes to start, also on a busy machine
      expect((await program.ended).code).toBe(1);
      expect(await terminationMessage()).toMatch(
        /^stopped early \(deadline of 10s; the API server did not answer GET \/api\/v1\/namespaces within [\d.]+ s\): checked 0/,
      );
    });
  });

  it.each([
    ['a Status', { kind: 'Status', status: 'Failure', message: 'something went wrong' }],
    ['a list of another kind', { kind: 'SecretList', items: [] }],
    ['items that are not an array', { kind: 'PartialObjectMetadataList', items: {} }],
    ['an item that is null', { kind: 'PartialObjectMetadataList', items: [null] }],
    ['an item without a name', { kind: 'PartialObjectMetadataList', items: [{ metadata: {} }] }],
  ])('exits with 2, and says why, if a list is %s', async (_, body) => {
    answer = (_request, response) => void response.end(JSON.stringify(body));
    const program = start('--output', 'json');
    expect((await program.ended).code).toBe(2);
    const message = await terminationMessage();
    expect(message).toMatch(/^The refresher cannot run: the API server's answer .* cannot be used: /);
    expect(program.output).toEqual([JSON.stringify({ error: message })]);
    expect(asked).toHaveLength(1);
  });

  it('if a later page is malformed, it exits with 2, and says why and what it has done', async () => {
    answer = ({ url = '', method }, response) => {
      if (method === 'PATCH') return void response.end(patched(IN_NINE_HOURS));
      if (url.includes('/namespaces')) return void response.end(list([ENABLED]));
      if (!url.includes('continue='))
        return void response.end(list([secret('s0')]).replace('{}', '{"continue":"more"}'));
      response.end(JSON.stringify({ kind: 'Status', status: 'Failure', message: 'no leader' }));
    };
    const program = start();
    expect((await program.ended).code).toBe(2);
    const message = await terminationMessage();
    expect(message).toMatch(
      /^stopped early \(the list broke off: the API server's answer for \/api\/v1\/secrets cannot be used: .*no leader\): checked 1, due 1, refreshed 1, failed 0; /,
    );
    expect(program.output.at(-1)).toBe(message);
  });

  it('names the missing permission if a mark is forbidden', async () => {
    const message =
      'secrets "s0" is forbidden: User "refresher" cannot patch resource "secrets" in API group "" in the namespace "n"';
    answer = ({ url = '', method }, response) => {
      if (method === 'PATCH') response.statusCode = 403;
      const lists = list([url.includes('/namespaces') ? ENABLED : secret('s0')]);
      response.end(method === 'PATCH' ? JSON.stringify({ kind: 'Status', message }) : lists);
    };
    expect((await start().ended).code).toBe(1);
    expect(await terminationMessage()).toContain(
      `${message}; the right to patch secrets in the namespace n is missing: the chart grants it`,
    );
  });

  it('finishes its work if nobody reads its output, as with `| head -1`', async () => {
    const secrets = Array.from({ length: 600 }, (_, index) => secret(`s${index}`));
    answer = ({ url = '', method }, response) => {
      if (method === 'PATCH')
        return void response.end(patched(IN_NINE_HOURS, /secrets\/(.*)/.exec(url)?.[1]));
      response.end(list(url.includes('/namespaces') ? [ENABLED] : secrets));
    };
    const shell = '{ "$@"; echo "exit code $?" >&2; } | head -1';
    const program = startProgram(undefined, {
      command: 'sh',
      args: ['-c', shell, 'sh', process.execPath, programFile('refresher'), '--output', 'json'],
      env: settings(),
    });
    await program.ended;
    expect(program.output).toEqual([expect.stringContaining('"result":"refreshed"')]);
    expect(program.errors).toEqual(['exit code 0']);
    expect(await terminationMessage()).toMatch(/^checked 600, due 600, refreshed 600, failed 0; /);
  });

  it('prints an object for a check as well', async () => {
    answer = (_request, response) => void response.end(patched(IN_NINE_HOURS, 'ecr-secret'));
    const program = start('check', 'n', '--output', 'json');
    expect((await program.ended).code).toBe(0);
    expect(program.output.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        namespace: 'n',
        name: 'ecr-secret',
        result: 'filled',
        message: await terminationMessage(),
        expiresAt: IN_NINE_HOURS,
      },
    ]);
  });

  it('ends if the list never ends, and says why', async () => {
    let pages = 0;
    const secrets = list([secret('a')]);
    answer = ({ url = '' }, response) =>
      void response.end(
        url.includes('/namespaces') ? list([]) : secrets.replace('{}', `{"continue":"${++pages}"}`),
      );
    const program = start();
    expect((await program.ended).code).toBe(2);
    expect(await terminationMessage()).toContain('3 pages in a row contain only objects that came before');
    expect(asked.length).toBeLessThan(10);
  });

  it('requests half as many Secrets if a page is too large for its memory', async () => {
    const count = 600;
    answer = ({ url = '', method }, response) => {
      const query = new URL(url, 'http://fake').searchParams;
      if (method === 'PATCH') return void response.end(patched(IN_NINE_HOURS));
      if (url.includes('/namespaces')) return void response.end(list([ENABLED]));
      const from = Number(query.get('continue') ?? 0);
      const to = Math.min(count, from + Number(query.get('limit')));
      const items = Array.from({ length: to - from }, (_, index) =>
        secret(`s${from + index}`, {
          'ecr-anywhere.centml.ai/expires_at': IN_NINE_HOURS,
          'ecr-anywhere.centml.ai/updated_at': 'before',
          large: 'x'.repeat(100 * 1024),
        }),
      );
      response.end(list(items).replace('{}', to < count ? `{"continue":"${to}"}` : '{}'));
    };
    const program = start();
    expect((await program.ended).code).toBe(0);
    expect(await terminationMessage()).toMatch(
      new RegExp(`^checked ${count}, due 0, refreshed 0, failed 0; `),
    );
  });
});

const IN_NINE_HOURS = new Date(Date.now() + 9 * 3_600_000).toISOString();

const ENABLED = { metadata: { name: 'n', labels: { 'ecr-anywhere.centml.ai/namespace': 'enabled' } } };

function secret(name: string, annotations: object = {}): object {
  const labels = { 'ecr-anywhere.centml.ai/managed': 'true' };
  return { metadata: { name, namespace: 'n', uid: name, labels, annotations } };
}

function list(items: readonly object[]): string {
  return JSON.stringify({ kind: 'PartialObjectMetadataList', metadata: {}, items });
}

/** A Secret that the webhook has filled. */
function patched(expires: string, name = 's0'): string {
  const annotations = {
    'ecr-anywhere.centml.ai/expires_at': expires,
    'ecr-anywhere.centml.ai/updated_at': 'after',
  };
  return JSON.stringify({ kind: 'PartialObjectMetadata', metadata: { name, namespace: 'n', annotations } });
}
