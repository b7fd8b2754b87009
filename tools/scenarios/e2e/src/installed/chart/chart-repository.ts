import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createProxy } from 'node:http';
import { createServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createCertificateAuthority } from '@ecr-anywhere/local-installation';
import { command } from '../cluster/command.ts';

/** A stand-in for the README's chart repository, on this machine. */
export interface ChartRepository {
  /** A temporary folder to run helm in. */
  readonly folder: string;
  /** Environment variables for helm: a proxy that knows only this host, and the CA. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

const HOST = 'centml.github.io';
const PATH = '/ecr-anywhere/';

/** Packages `chart`, and serves it as `https://centml.github.io/ecr-anywhere`. */
export async function startChartRepository(chart: string): Promise<ChartRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'chart-repository-'));
  await command('helm', ['package', chart, '--destination', join(folder, 'charts')]);
  await command('helm', ['repo', 'index', join(folder, 'charts')]);

  const authority = await createCertificateAuthority('chart-repository');
  await writeFile(join(folder, 'ca.crt'), authority.cert);
  const server = createServer(await authority.issue({ names: [HOST] }), ({ url = '' }, response) => {
    const file = url.startsWith(PATH) ? basename(url) : '';
    readFile(join(folder, 'charts', file)).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    );
  }).listen(0, '127.0.0.1');
  const proxy = createProxy().listen(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(proxy, 'listening')]);
  const tunnels = new Set<Duplex>();
  proxy.on('connect', ({ url }, client) => {
    if (url !== `${HOST}:443`) return void client.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const upstream = connect(portOf(server), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    for (const socket of [client, upstream]) {
      tunnels.add(socket);
      socket.on('error', () => socket.destroy());
    }
  });
  return {
    folder,
    env: {
      HTTPS_PROXY: `http://127.0.0.1:${portOf(proxy)}`,
      NO_PROXY: '127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,localhost',
      SSL_CERT_FILE: join(folder, 'ca.crt'),
      // Helm's own folders are temporary: the user's are not changed.
      HELM_CONFIG_HOME: join(folder, 'helm'),
      HELM_CACHE_HOME: join(folder, 'helm'),
      HELM_DATA_HOME: join(folder, 'helm'),
    },
    async stop() {
      server.closeAllConnections();
      proxy.closeAllConnections();
      // They are no longer connections of the proxy, and one that the server closed first stays half open.
      for (const tunnel of tunnels) tunnel.destroy();
      await Promise.all([server, proxy].map((listening) => new Promise((closed) => listening.close(closed))));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function portOf(server: { address(): AddressInfo | string | null }): number {
  return (server.address() as AddressInfo).port;
}
