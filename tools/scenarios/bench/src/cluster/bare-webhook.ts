import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createCertificateAuthority,
  NODE_FLAGS,
  workspaceRoot,
  type KubernetesObject,
} from '@ecr-anywhere/local-installation';
import { image, IMAGES } from './images.ts';
import { REPLICAS } from './installation.ts';
import { PREFIX, SERVED_BY } from './secrets.ts';
import type { Testbed } from './testbed.ts';

/** The name of its namespace, its Deployment, its Service and its webhook configuration. */
export const BARE = 'bare';
export const BARE_WEBHOOK = `bare.${PREFIX}`;

const START =
  "import { readFileSync as read } from 'node:fs'; import { bareServer } from '/bare/bare-server.ts'; " +
  "bareServer({ cert: read('/tls/tls.crt'), key: read('/tls/tls.key'), patch: read('/bare/patch', 'utf8'), host: '::', port: 8443 })";

/**
 * Runs tools/scenarios/bench/src/bare-server.ts under the conditions of the webhook: the same image (so the same
 * Node.js and flags), number of replicas, security context, requests, limits and matching. Its patch sets the same fields as
 * in `filled`, to values of the same length.
 */
export async function startBareWebhook(testbed: Testbed, filled: KubernetesObject): Promise<void> {
  const authority = await createCertificateAuthority(BARE);
  const { cert, key } = await authority.issue({ names: [`${BARE}.${BARE}.svc`], lifetime: 24 * 3_600_000 });
  const source = await readFile(
    join(workspaceRoot(), 'tools', 'scenarios', 'bench', 'src', 'bare-server.ts'),
    'utf8',
  );
  const patch = Buffer.from(JSON.stringify(patchLike(filled))).toString('base64');
  const metadata = { name: BARE, namespace: BARE };
  await testbed.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: BARE } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      type: 'kubernetes.io/tls',
      data: { 'tls.crt': base64(cert), 'tls.key': base64(key) },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'bare-server.ts': source, patch } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { selector: { app: BARE }, ports: [{ port: 443, targetPort: 8443 }] },
    },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: deployment() },
  );
  await testbed.rolledOut(BARE, BARE);
  await testbed.apply(configuration(authority.cert));
}

/** Differs from the real patch only in the password and in the times of the annotations. */
function patchLike({ data, metadata }: KubernetesObject): readonly object[] {
  const config = JSON.parse(
    Buffer.from(data?.['.dockerconfigjson'] ?? '', 'base64').toString(),
  ) as DockerConfig;
  const auths = Object.fromEntries(
    Object.entries(config.auths).map(([host, { auth }]) => {
      const password = Buffer.from(auth, 'base64').toString().replace(/^AWS:/, '');
      return [host, { auth: base64(`AWS:${[...password].reverse().join('')}`) }];
    }),
  );
  const annotation = (name: string) => metadata?.annotations?.[`${PREFIX}/${name}`] ?? '';
  const earlier = (time: string) => new Date(Date.parse(time) - 60_000).toISOString();
  const stamps = {
    expires_at: earlier(annotation('expires_at')),
    updated_at: earlier(annotation('updated_at')),
    config_hash: annotation('config_hash'),
  };
  return [
    { op: 'add', path: '/data/.dockerconfigjson', value: base64(JSON.stringify({ ...config, auths })) },
    ...Object.entries(stamps).map(([name, value]) => ({
      op: 'add',
      path: `/metadata/annotations/${PREFIX}~1${name}`,
      value,
    })),
  ];
}

interface DockerConfig {
  readonly auths: Readonly<Record<string, { readonly auth: string }>>;
}

function deployment() {
  const container = {
    name: BARE,
    image: image('webhook'),
    imagePullPolicy: IMAGES.imagePullPolicy,
    command: [
      ...['/nodejs/bin/node', ...NODE_FLAGS],
      ...['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', START],
    ],
    readinessProbe: { tcpSocket: { port: 8443 }, periodSeconds: 3 },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
    resources: { requests: { cpu: '20m', memory: '80Mi' }, limits: { memory: '192Mi' } },
    volumeMounts: [
      { name: 'bare', mountPath: '/bare' },
      { name: 'tls', mountPath: '/tls' },
    ],
  };
  return {
    replicas: REPLICAS,
    selector: { matchLabels: { app: BARE } },
    template: {
      metadata: { labels: { app: BARE } },
      spec: {
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [container],
        volumes: [
          { name: 'bare', configMap: { name: BARE } },
          { name: 'tls', secret: { secretName: BARE } },
        ],
      },
    },
  };
}

/** Like the chart's configuration, with another name, for the namespaces that the bench labels for it. */
function configuration(ca: string): KubernetesObject {
  const managed = `${PREFIX}/managed`;
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: BARE },
    webhooks: [
      {
        name: BARE_WEBHOOK,
        admissionReviewVersions: ['v1', 'v1beta1'],
        clientConfig: {
          caBundle: base64(ca),
          service: { name: BARE, namespace: BARE, path: '/sync', port: 443 },
        },
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        namespaceSelector: { matchLabels: { [`${PREFIX}/namespace`]: 'enabled', [SERVED_BY]: BARE } },
        objectSelector: { matchLabels: { [managed]: 'true' } },
        matchConditions: [
          { name: 'not-being-deleted', expression: '!has(object.metadata.deletionTimestamp)' },
          {
            name: 'managed-afterwards',
            expression: `has(object.metadata.labels) && '${managed}' in object.metadata.labels && object.metadata.labels['${managed}'] == 'true'`,
          },
        ],
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            operations: ['CREATE', 'UPDATE'],
            resources: ['secrets'],
            scope: '*',
          },
        ],
        reinvocationPolicy: 'Never',
        sideEffects: 'None',
        timeoutSeconds: 10,
      },
    ],
  };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
