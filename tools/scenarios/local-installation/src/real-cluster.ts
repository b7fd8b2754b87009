import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { createCertificateAuthority } from '@ecr-anywhere/certificates';
import { eventually } from '@ecr-anywhere/eventually';
import { admissionConfiguration } from './admission-configuration.ts';
import { kubeconfig, type Cluster } from './cluster.ts';
import { kubernetesApi, type Connection, type KubernetesApi } from './kubernetes-api.ts';
import { startProgram, type Program } from './program.ts';

/** Where `tools/testbed/build.sh` puts the programs. */
export function testbedPrograms(env: NodeJS.ProcessEnv = process.env): string {
  const cache = env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(env['TESTBED_HOME'] || join(cache, 'ecr-anywhere', 'testbed'), 'bin');
}

/** The aggregation layer, as kubeadm sets it up. */
const FRONT_PROXY = [
  '--requestheader-client-ca-file=front-proxy-ca.crt',
  '--requestheader-allowed-names=front-proxy-client',
  '--requestheader-username-headers=X-Remote-User',
  '--requestheader-group-headers=X-Remote-Group',
  '--requestheader-extra-headers-prefix=X-Remote-Extra-',
  '--proxy-client-cert-file=front-proxy-client.crt',
  '--proxy-client-key-file=front-proxy-client.key',
];

/** The common name of the certificate that the API server shows to webhooks. The CA is that of the administrator. */
export const WEBHOOK_CLIENT = 'kube-apiserver-webhook-client';

/** A real kube-apiserver with its etcd. */
export interface RealCluster extends Cluster {
  /** Where its files are, such as `service-account.key`. Flags may name files in it without a path. */
  readonly folder: string;
  readonly etcdUrl: string;
  /** Restarts kube-apiserver with other flags about service accounts. Objects and keys stay. */
  restartApiServer(serviceAccountFlags: readonly string[]): Promise<void>;
}

const ISSUER = ['--service-account-issuer=https://kubernetes.default.svc'];

/** Starts a real kube-apiserver with its etcd, on free ports of loopback. No kubelet: admission needs none. */
export async function startRealCluster(
  serviceAccountFlags: readonly string[] = ISSUER,
): Promise<RealCluster> {
  const programs = testbedPrograms();
  const folder = await mkdtemp(join(tmpdir(), 'ecr-anywhere-cluster-'));
  const [etcdPort, etcdPeerPort, apiPort] = await freePorts(3);
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const started: Program[] = [];
  const start = (name: string, args: string[]) => {
    const command = join(programs, name);
    if (!existsSync(command)) throw new Error(`${command} is missing: run tools/testbed/build.sh first`);
    const program = startProgram(undefined, { command, args, cwd: folder });
    started.push(program);
    return program;
  };
  const allRun = () => started.every(({ running }) => running);
  const stop = async () => {
    // The state is deleted too, so both can be killed. A kube-apiserver without its etcd would never end gracefully.
    for (const program of started) program.signal('SIGKILL');
    await Promise.allSettled(started.map(({ ended }) => ended));
    await rm(folder, { recursive: true, force: true });
  };

  try {
    const connection = await writePki(folder, `https://127.0.0.1:${apiPort}`);
    const kubeconfigFile = join(folder, 'admin.kubeconfig');
    await writeFile(kubeconfigFile, kubeconfig(connection));
    const peerUrl = `http://127.0.0.1:${etcdPeerPort}`;
    start('etcd', [
      '--data-dir=etcd',
      '--unsafe-no-fsync',
      '--logger=zap',
      '--log-level=error',
      `--listen-client-urls=${etcdUrl}`,
      `--advertise-client-urls=${etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
    ]);
    const api = kubernetesApi(connection);
    const startApiServer = async (flags: readonly string[]) => {
      const apiServer = start('kube-apiserver', [...apiServerFlags(etcdUrl, apiPort), ...flags]);
      await eventually('kube-apiserver is ready', () => !allRun() || isReady(api), {
        within: 60_000,
        every: 100,
      });
      const dead = started.find(({ running }) => !running);
      if (dead)
        throw new Error(`A program of the real cluster ended at once:\n${dead.errors.slice(-10).join('\n')}`);
      return apiServer;
    };
    let apiServer = await startApiServer(serviceAccountFlags);
    return {
      connection,
      api,
      kubeconfigFile,
      folder,
      etcdUrl,
      async restartApiServer(flags) {
        apiServer.signal('SIGKILL');
        await apiServer.ended;
        started.splice(started.indexOf(apiServer), 1);
        apiServer = await startApiServer(flags);
      },
      async stop() {
        await api.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function apiServerFlags(etcdUrl: string, port: number | undefined): string[] {
  return [
    `--etcd-servers=${etcdUrl}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--tls-cert-file=apiserver.crt',
    '--tls-private-key-file=apiserver.key',
    '--client-ca-file=ca.crt',
    ...FRONT_PROXY,
    '--admission-control-config-file=admission.json',
    '--service-account-key-file=service-account.key',
    '--service-account-signing-key-file=service-account.key',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
  ];
}

async function isReady(api: KubernetesApi): Promise<boolean> {
  return (
    (await api.get('/readyz')).status === 200 && (await api.get('/api/v1/namespaces/default')).status === 200
  );
}

/** Shows the client certificate to every webhook. */
const WEBHOOKS = {
  apiVersion: 'v1',
  kind: 'Config',
  users: [
    { name: '*', user: { 'client-certificate': 'webhook-client.crt', 'client-key': 'webhook-client.key' } },
  ],
};

async function writePki(folder: string, url: string): Promise<Connection> {
  const authority = await createCertificateAuthority('testbed');
  const server = await authority.issue({ names: ['127.0.0.1', 'localhost', '10.96.0.1'] });
  const admin = await authority.issue({ subject: 'O=system:masters,CN=admin' });
  const frontProxyAuthority = await createCertificateAuthority('front-proxy-ca');
  const frontProxy = await frontProxyAuthority.issue({ subject: 'CN=front-proxy-client' });
  const webhookClient = await authority.issue({ subject: `CN=${WEBHOOK_CLIENT}`, usages: ['clientAuth'] });
  const serviceAccounts = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const files = {
    'ca.crt': authority.cert,
    'apiserver.crt': server.cert,
    'apiserver.key': server.key,
    'service-account.key': serviceAccounts.privateKey,
    'front-proxy-ca.crt': frontProxyAuthority.cert,
    'front-proxy-client.crt': frontProxy.cert,
    'front-proxy-client.key': frontProxy.key,
    'webhook-client.crt': webhookClient.cert,
    'webhook-client.key': webhookClient.key,
    'webhooks.kubeconfig': JSON.stringify(WEBHOOKS),
    'admission.json': JSON.stringify(admissionConfiguration(join(folder, 'webhooks.kubeconfig'))),
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), content, { mode: 0o600 });
  }
  return { url, ca: authority.cert, cert: admin.cert, key: admin.key };
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
