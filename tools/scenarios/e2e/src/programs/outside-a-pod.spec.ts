import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedCluster, type EmbeddedCluster } from '@ecr-anywhere/embedded-cluster';
import { createCertificateAuthority, eventually, startRefresher } from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { isAlive } from '@ecr-anywhere/kubernetes/testing';

const V1 = 'client.authentication.k8s.io/v1';

// libs/kubernetes compares the reading of kubeconfigs with kubectl. These tests check the whole program.
describe('the refresher outside of a Pod', () => {
  let cluster: EmbeddedCluster;
  let ca: string;
  let folder: string;
  let cleanUp: (() => unknown)[];

  beforeAll(async () => {
    const authority = await createCertificateAuthority('kubernetes');
    ca = authority.cert;
    cluster = await startEmbeddedCluster({
      tls: await authority.issue({ names: ['127.0.0.1', 'kubernetes.example'] }),
    });
  });
  afterAll(() => cluster.stop());

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-outside-'));
    cleanUp = [() => rm(folder, { recursive: true })];
  });
  afterEach(async () => {
    for (const step of cleanUp.reverse()) await step();
  });

  const path = (name: string) => join(folder, name);
  /** A kubeconfig with a credential plugin: a shell script in the same folder. */
  const writeKubeconfig = async (script: string, server = cluster.url) => {
    await writeFile(path('plugin'), `#!/bin/sh\n${script}\n`);
    await chmod(path('plugin'), 0o755);
    const config = {
      clusters: [{ name: 'k', cluster: { server, 'certificate-authority': 'ca.pem' } }],
      users: [
        { name: 'u', user: { exec: { apiVersion: V1, command: './plugin', interactiveMode: 'Never' } } },
      ],
      contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
      'current-context': 'c',
    };
    await writeFile(path('config'), JSON.stringify(config));
    await writeFile(path('ca.pem'), ca);
  };
  const GIVES_TOKEN = `echo '{"apiVersion":"${V1}","kind":"ExecCredential","status":{"token":"t"}}'`;
  /** A plugin that hangs. It writes its process ID and that of its child to files. */
  const HANGS = `cd '$FOLDER'; trap '' TERM; sleep 600 & echo $! > child; echo $$ > itself; wait; sleep 600`;
  const run = async (args: readonly string[], env: Record<string, string> = {}) => {
    const refresher = await startRefresher(folder, args, { KUBECONFIG: path('config'), ...env });
    cleanUp.push(() => refresher.program.signal('SIGKILL'));
    return { program: refresher.program, ended: refresher.run };
  };
  const hanging = async () => {
    await writeKubeconfig(HANGS.replace('$FOLDER', folder));
    const pids = (names: readonly string[]) => names.map((name) => Number(readFileSync(path(name), 'utf8')));
    cleanUp.push(() => {
      const started = ['itself', 'child'].filter((name) => existsSync(path(name)));
      for (const pid of pids(started)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    });
    return async () =>
      eventually(
        'the plugin has started',
        () => pids(['itself', 'child']).every(isAlive) && pids(['itself', 'child']),
      );
  };

  it('uses the credentials of a plugin and the proxy of the environment, and ends', async () => {
    const { port } = new URL(cluster.url);
    const asked: (string | undefined)[] = [];
    const proxy = createServer().on('connect', ({ url }, client) => {
      asked.push(url);
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      const onwards = connect(Number(port), '127.0.0.1');
      client
        .pipe(onwards)
        .pipe(client)
        .on('error', () => undefined);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    cleanUp.push(() => proxy.close());
    await writeKubeconfig(GIVES_TOKEN, `https://kubernetes.example:${port}`);
    const HTTPS_PROXY = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const { code, output } = await (await run([], { HTTPS_PROXY })).ended;
    expect({ code, last: output.at(-1) }).toMatchObject({
      code: 0,
      last: expect.stringContaining('checked 0, due 0, refreshed 0, failed 0'),
    });
    expect(asked).toContain(`kubernetes.example:${port}`);
  });

  it('ends at its deadline, and kills a plugin that hangs', async () => {
    const started = await hanging();
    const { ended } = await run(['--deadline', '15s']);
    const pids = await started();
    const { code, output, errors, terminationMessage } = await ended;
    expect(code).not.toBe(0);
    expect([...output, ...errors, terminationMessage].join('\n')).toMatch(
      /stopped early \(deadline of 15s; .*: user "u": exec: .*\/plugin did not end within [\d.]+ s\): checked 0/,
    );
    await eventually('the plugin has ended', () => !pids.some(isAlive));
  });

  it('ends after SIGTERM, and kills a plugin that hangs', async () => {
    const started = await hanging();
    const { program, ended } = await run([]);
    const pids = await started();
    program.signal('SIGTERM');
    const { code, output, errors } = await ended;
    expect(code).not.toBe(0);
    expect([...output, ...errors].join('\n')).toContain('SIGTERM');
    await eventually('the plugin has ended', () => !pids.some(isAlive));
  });

  it('reports a failing plugin after its first run, and shows the output of the plugin', async () => {
    await writeKubeconfig(`echo run >> '${path('runs')}'; echo "log in first" >&2; echo canary; exit 3`);
    const { code, errors, terminationMessage } = await (await run([])).ended;
    expect(code).toBe(2);
    expect(errors).toContain('log in first');
    expect(terminationMessage).toBe(
      `The refresher cannot run: the request to the API server failed: ${path('config')}: user "u": exec: ${path('plugin')} failed with exit code 3`,
    );
    expect(errors.join('\n')).not.toContain('canary');
    expect(readFileSync(path('runs'), 'utf8')).toBe('run\n');
  });

  // Only Linux shows which files a process has open.
  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('ends after SIGTERM, even if its kubeconfig is a pipe without a writer', async () => {
    execFileSync('mkfifo', [path('config')]);
    const { program, ended } = await run(['--deadline', '10m']); // longer than Jest lets a test take
    await eventually('it reads', () => openFiles(program.pid).includes(path('config')));
    program.signal('SIGTERM');
    const { code, errors } = await ended;
    expect(code).toBe(2);
    expect(errors.join('\n')).toContain(`${path('config')} could not be read completely (SIGTERM)`);
  });

  it('reports a mistake in the kubeconfig with its file and field', async () => {
    await writeFile(path('config'), 'clusters:\n- name: k\n  cluster: { server: 7 }\n');
    const { code, errors } = await (await run([])).ended;
    expect(code).toBe(2);
    expect(errors.join('\n')).toContain(
      `KUBECONFIG: ${path('config')}: clusters[0].cluster.server: expected a string`,
    );
  });
});

/** The paths of the files that a process has open. */
function openFiles(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).flatMap((name) => {
    try {
      return readlinkSync(join(folder, name));
    } catch {
      return []; // closed meanwhile
    }
  });
}
