import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  eventually,
  install,
  startRealCluster,
  WEBHOOK_CONFIGURATION,
  type Installation,
  type RealCluster,
} from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENABLED, fakeSecret, onRealCluster } from './stage.ts';

/** What the policy logs of the Secrets of each namespace. */
const LEVELS = { metadata: 'Metadata', request: 'Request' } as const;
const KEY = '.dockerconfigjson';
const CONFIGURATION = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${WEBHOOK_CONFIGURATION}`;

const POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  rules: [
    ...Object.entries(LEVELS).map(([namespace, level]) => ({
      level,
      namespaces: [namespace],
      resources: [{ group: '', resources: ['secrets'] }],
    })),
    { level: 'None' },
  ],
};

/** The embedded cluster has no audit log. */
const describeOnReal = onRealCluster ? describe : describe.skip;

describeOnReal('the audit log of the API server', () => {
  let cluster: RealCluster;
  let installation: Installation;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audit-'));
    await writeFile(join(folder, 'policy.json'), JSON.stringify(POLICY));
    cluster = await startRealCluster([
      '--service-account-issuer=https://kubernetes.default.svc',
      `--audit-policy-file=${join(folder, 'policy.json')}`,
      `--audit-log-path=${join(folder, 'audit.log')}`,
      '--audit-log-mode=blocking',
    ]);
    installation = await install(cluster);
  }, 120_000);

  afterAll(async () => {
    await installation?.uninstall();
    await cluster?.stop();
    if (folder) await rm(folder, { recursive: true });
  });

  /** The credential that the webhook wrote, and what the log has about the write. */
  const writeIn = async (namespace: keyof typeof LEVELS) => {
    await cluster.api.create('/api/v1/namespaces', { metadata: { name: namespace, labels: ENABLED } });
    const path = `/api/v1/namespaces/${namespace}/secrets`;
    const { status } = await cluster.api.create(path, fakeSecret('ecr-pull'));
    expect(status).toBe(201);
    const { body } = await cluster.api.get(`${path}/ecr-pull`);
    const lines = await eventually('the write is in the log', async () => {
      const text = await readFile(join(folder, 'audit.log'), 'utf8');
      const found = text
        .split('\n')
        .filter((line) => line.includes(`"requestURI":"${path}`) && line.includes('"verb":"create"'));
      return found.length > 0 ? found : undefined;
    });
    return { credential: body.data?.[KEY] ?? '', log: lines.join('\n') };
  };

  it('has no credential at the level Metadata', async () => {
    const { credential, log } = await writeIn('metadata');
    expect(credential.length).toBeGreaterThan(100);
    expect(log).toContain('"level":"Metadata"');
    expect(log).not.toContain(credential);
    expect(log).not.toContain('patch.webhook.admission.k8s.io');
  });

  it('has the credential at the level Request, in the patch of the webhook', async () => {
    const { credential, log } = await writeIn('request');
    expect(log).toContain('patch.webhook.admission.k8s.io');
    expect(log).toContain(credential);
  });

  it('has the key of the mode path at the level Metadata, in the error of a call that failed', async () => {
    const key = 'key-of-the-path-0123456789abcdef';
    const value = `https://127.0.0.1:1/sync/${key}`;
    const patch = [{ op: 'replace', path: '/webhooks/0/clientConfig/url', value }];
    expect((await cluster.api.patch(CONFIGURATION, patch, 'json')).status).toBe(200);
    const path = '/api/v1/namespaces/metadata/secrets';
    const refused = await eventually('the API server calls the path with the key', async () => {
      const { status, body } = await cluster.api.create(`${path}?dryRun=All`, fakeSecret('refused'));
      return status === 500 ? body.message : undefined;
    });
    expect(refused).toContain(key);
    const log = await readFile(join(folder, 'audit.log'), 'utf8');
    const lines = log.split('\n').filter((line) => line.includes(`"requestURI":"${path}?dryRun=All`));
    expect(lines.join()).toContain('"level":"Metadata"');
    expect(lines.join()).toContain(key);
  });
});
