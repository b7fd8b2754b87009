import { mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  eventually,
  install,
  WEBHOOK_CONFIGURATION,
  type Cluster,
  type Installation,
} from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MANAGED, onRealCluster, stageOn, startCluster, type Stage } from './stage.ts';

// The real programs. Only the kubelet is imitated: it brings the ConfigMap into a folder, as it does in a pod.

const CONFIG_MAP = 'ecr-anywhere-refresher-report';

/** The embedded cluster does not limit annotations. */
const itOnReal = onRealCluster ? it : it.skip;

describe('the report of a run', () => {
  let cluster: Cluster;
  let installation: Installation;
  let mounted: string;
  let stage: Stage;
  let path: string;

  beforeAll(async () => {
    cluster = await startCluster();
    mounted = await mkdtemp(join(tmpdir(), 'ecr-anywhere-report-'));
    installation = await install(cluster, { webhookEnv: { REPORT_FILE: join(mounted, 'report.json') } });
  }, 120_000);

  afterAll(async () => {
    await installation?.uninstall();
    await cluster?.stop();
    await rm(mounted, { recursive: true, force: true });
  });

  beforeEach(async () => {
    stage = await stageOn(cluster);
    path = `/api/v1/namespaces/${stage.namespace}/configmaps`;
    await cluster.api.create(path, { metadata: { name: CONFIG_MAP } });
  });

  /** As the chart's CronJob: the environment says where the report goes, and which namespaces to look at. */
  const run = (args: string[] = [], namespaces = stage.namespace) =>
    installation.refresh(args, {
      REPORT_CONFIG_MAP: `${stage.namespace}/${CONFIG_MAP}`,
      NAMESPACES: namespaces,
    });
  const data = async () => (await cluster.api.get(`${path}/${CONFIG_MAP}`)).body.data;

  /** Writes the ConfigMap into a new folder, and swaps the link to it in one step. */
  async function asKubelet(): Promise<void> {
    const version = await mkdtemp(join(mounted, '..'));
    for (const [key, text] of Object.entries((await data()) ?? {})) {
      await writeFile(join(version, key), text);
      await symlink(`..data/${key}`, join(mounted, key)).catch(() => undefined);
    }
    await symlink(version, join(mounted, '..data_tmp'));
    await rename(join(mounted, '..data_tmp'), join(mounted, '..data'));
  }

  async function metrics(): Promise<string> {
    const [replica] = installation.replicas;
    return (await fetch(replica?.metricsUrl ?? '')).text();
  }
  const untilMetric = (line: string) =>
    eventually(line, async () => (await metrics()).split('\n').includes(`ecr_anywhere_${line}`), {
      within: 20_000,
      every: 200,
    });
  const secret = (name: string) => `{secret_namespace="${stage.namespace}",secret_name="${name}"}`;

  it('becomes metrics of the webhook: which credentials end first, and which Secret cannot be filled', async () => {
    await stage.writeFake('pull');
    await writeWithoutWebhook('opaque');
    expect((await run()).code).toBe(0);
    await asKubelet();
    await untilMetric('refresher_run_success 1');
    await untilMetric(`refused_secret_info${secret('opaque')} 1`);
    await untilMetric('managed_secrets{result="unfillable"} 1');
    await untilMetric('managed_secrets{result="fresh"} 1');
    const pull = await stage.read('pull');
    const end = Date.parse(pull.metadata?.annotations?.['ecr-anywhere.centml.ai/expires_at'] ?? '');
    await untilMetric(`first_credentials_expiry_timestamp_seconds${secret('pull')} ${end / 1000}`);
  });

  it('names the Secret whose namespace has lost its label, and says that nothing else failed', async () => {
    await stage.writeFake('pull');
    await labelNamespace(null);
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    await cluster.api.patch(`/api/v1/namespaces/${stage.namespace}/secrets/pull`, {
      metadata: { annotations: { 'ecr-anywhere.centml.ai/expires_at': soon } },
    });
    expect((await run()).code).toBe(1);
    await asKubelet();
    await untilMetric(`unserved_secret_info${secret('pull')} 1`);
    await untilMetric('managed_secrets{result="needs_correction"} 1');
    await untilMetric('managed_secrets{result="failed"} 0');
    const { endedAt } = JSON.parse((await data())?.['report.json'] ?? '') as { endedAt: string };
    const end = Date.parse(endedAt) / 1000;
    await untilMetric(`refresher_run_only_needs_correction_timestamp_seconds ${end}`);
    await labelNamespace('enabled');
  });

  describe('if the owner of a Secret has made it too large to be refreshed', () => {
    const annotate = async (note: string) => {
      const patch = { metadata: { annotations: { note } } };
      expect((await cluster.api.patch(`${stage.path}/pull`, patch)).status).toBe(200);
    };

    async function expectThatOnlyItsOwnerCanHelp(reason: RegExp): Promise<void> {
      const { code, terminationMessage } = await run(['--force']);
      expect([code, terminationMessage]).toEqual([1, expect.stringMatching(reason)]);
      const report = JSON.parse((await data())?.['report.json'] ?? '') as object;
      expect(report).toMatchObject({
        onlyNeedsCorrection: true,
        webhookCalls: { failed: 0 },
        secrets: { results: { needs_correction: 1, failed: 0, refreshed: 1 } },
      });
    }

    beforeEach(async () => {
      for (const name of ['pull', 'other']) expect((await stage.writeFake(name)).status).toBe(201);
    });

    it('says that nothing else failed: its review is too large for the webhook', async () => {
      await annotate(','.repeat(60_000)); // the review of the next write has it twice
      await expectThatOnlyItsOwnerCanHelp(/status code 413/);
    });

    itOnReal(
      'says that nothing else failed: no annotation has room',
      async () => {
        const { annotations = {} } = (await stage.read('pull')).metadata ?? {};
        const taken = Object.entries(annotations).reduce(
          (sum, [key, value]) => sum + key.length + value.length,
          0,
        );
        await annotate('x'.repeat(256 * 1024 - 'note'.length - taken));
        await expectThatOnlyItsOwnerCanHelp(/metadata\.annotations: Too long/);
      },
      120_000,
    );
  });

  it('says that the API server does not reach the webhook, before any Secret is due', async () => {
    await stage.writeFake('pull');
    expect((await run()).code).toBe(0);
    await asKubelet();
    await untilMetric('refresher_webhook_calls{outcome="answered"} 1');

    const { url } = await pointWebhookAt('https://127.0.0.1:1/sync');
    try {
      // A real API server follows the change within a second or so.
      await eventually('a run fails', async () => (await run()).code === 1, { within: 20_000 });
    } finally {
      await pointWebhookAt(url);
    }
    await asKubelet();
    await untilMetric('refresher_webhook_calls{outcome="failed"} 1');
    await untilMetric('refresher_webhook_calls{outcome="answered"} 0');
    await untilMetric('refresher_run_success 0');
  });

  it.each([
    ['a dry run', '--dry-run'],
    ['a run of some namespaces, started by hand', '--namespaces=default'],
  ])('is not written by %s', async (_, flag) => {
    expect((await run([flag])).code).toBe(0);
    expect(await data()).toBeUndefined();
  });

  it('stays if a run does not see all Secrets: only the result of the run changes', async () => {
    await stage.writeFake('pull');
    await run();
    const { code } = await run([], `${stage.namespace},is-missing`);
    expect(code).toBe(1);
    const report = JSON.parse((await data())?.['report.json'] ?? '') as Record<string, unknown>;
    expect(report).toMatchObject({ exitCode: 1, webhookCalls: { answered: 1 } });
    expect(report).not.toHaveProperty('secrets');
  });

  it('cannot be written: the last line of the run says so, and the exit code stays that of the run', async () => {
    await stage.writeFake('pull');
    await cluster.api.delete(`${path}/${CONFIG_MAP}`);
    const { code, output, terminationMessage } = await run();
    expect(code).toBe(0);
    expect(output.at(-1)).toMatch(
      /^checked 1, due 0, .*; the report could not be written into the ConfigMap \S+\/ecr-anywhere-refresher-report: .*not found; helm upgrade creates it$/,
    );
    expect(terminationMessage).toBe(output.at(-1));
  });

  /** As somebody who edits the configuration. @returns what was there before */
  async function pointWebhookAt(url: string): Promise<{ url: string }> {
    const configuration = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${WEBHOOK_CONFIGURATION}`;
    const { body } = await cluster.api.get(configuration);
    const [before] = body['webhooks'] as [{ clientConfig: { url: string } }];
    const patch = [{ op: 'replace', path: '/webhooks/0/clientConfig/url', value: url }];
    expect((await cluster.api.patch(configuration, patch, 'json')).status).toBe(200);
    return before.clientConfig;
  }

  /** A managed Secret of a type that the webhook refuses. It can only come from a time before its namespace was enabled. */
  async function writeWithoutWebhook(name: string): Promise<void> {
    await labelNamespace(null);
    await eventually('the Secret is stored', async () => {
      const { status } = await stage.write({ metadata: { name, labels: MANAGED }, type: 'Opaque', data: {} });
      return status === 201;
    });
    await labelNamespace('enabled');
  }

  async function labelNamespace(value: 'enabled' | null): Promise<void> {
    const labels = { 'ecr-anywhere.centml.ai/namespace': value };
    await cluster.api.patch(`/api/v1/namespaces/${stage.namespace}`, { metadata: { labels } });
  }
});
