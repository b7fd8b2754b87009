import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotation, stageOn, type Stage } from '../stage.ts';
import { startAws } from './cluster/aws.ts';
import { connectCluster, onTestbed, type InstalledCluster } from './cluster/cluster.ts';
import { attempt, command } from './cluster/command.ts';
import {
  CHANGED_DEFAULT,
  NEXT_VERSION,
  packageNextVersion,
  type PackagedChart,
} from './chart/next-version.ts';
import { CHART, scenarioValues, untilReplaced, untilServed, type Values } from './chart/release.ts';
import { deleteScenarioNamespaces } from './cluster/scenario-namespaces.ts';
import { underWrites } from './under-writes.ts';

const RELEASE = { name: 'ecr-anywhere', namespace: 'ecr-anywhere' };

/** How long Helm waits for an upgrade that cannot succeed. */
const GIVE_UP = '20s';

describe.each([
  {
    version: 'Helm 3',
    helm: 'helm',
    onFailure: '--atomic',
    broken: { what: 'an image that does not exist', flags: ['--set', 'image.tag=absent'] },
    deleteSecrets: false,
  },
  {
    version: 'Helm 4',
    helm: 'helm4',
    onFailure: '--rollback-on-failure',
    broken: {
      what: 'an endpoint of AWS that does not answer',
      flags: [
        '--set',
        'webhook.extraEnv[0].name=AWS_ENDPOINT_URL,webhook.extraEnv[0].value=http://127.0.0.1:1',
      ],
    },
    deleteSecrets: true,
  },
])('with $version', ({ version, helm, onFailure, broken, deleteSecrets }) => {
  const isAvailable = version === 'Helm 3' || onTestbed;
  const way = isAvailable ? it : it.skip;
  let cluster: InstalledCluster;
  let stage: Stage;
  let values: Values;
  let next: PackagedChart;

  beforeAll(async () => {
    if (!isAvailable) return;
    cluster = await connectCluster();
    const aws = await startAws(cluster);
    await aws.reset();
    next = await packageNextVersion();
    values = scenarioValues(aws, { tls: { deleteSecrets } });
    stage = await stageOn(cluster);
    await install();
  }, 240_000);

  afterAll(async () => {
    await next?.remove();
    await cluster?.tryHelm(['uninstall', RELEASE.name, '-n', RELEASE.namespace, '--wait']);
    await cluster?.tryKubectl(['-n', RELEASE.namespace, 'delete', 'secret', ...TLS_SECRETS]);
    if (cluster) await deleteScenarioNamespaces(cluster);
    await cluster?.close();
  }, 120_000);

  const run = (verb: string, ...args: string[]) => [verb, RELEASE.name, ...args, '-n', RELEASE.namespace];
  const waited = ['--wait', '--timeout', '3m'];

  async function install(): Promise<void> {
    await command(helm, run('install', CHART, '--create-namespace', '-f', '-', ...waited), {
      input: JSON.stringify(values),
    });
    await untilServed(cluster);
  }

  /** Runs helm during a stream of new Secrets, and expects that none of them is refused. */
  async function expectAllServed(...args: string[]): Promise<void> {
    const writes = await underWrites(stage, async () => {
      await command(helm, args);
      await untilReplaced(cluster, RELEASE);
    });
    console.log(`${version}, ${args[0]}: ${writes.refusals.length} of ${writes.count} writes were refused`);
    expect(writes.refusals).toEqual([]);
    expect(writes.count).toBeGreaterThan(100);
  }

  /** The value that {@link CHANGED_DEFAULT} has in the release. */
  async function changedDefault(): Promise<unknown> {
    const all = JSON.parse(await command(helm, ['get', ...run('values', '--all', '-o', 'json')])) as {
      webhook: { awsTimeout: string };
    };
    return all.webhook.awsTimeout;
  }

  async function revision(): Promise<{ chart: string; description: string }> {
    const history = JSON.parse(await command(helm, run('history', '-o', 'json'))) as {
      chart: string;
      description: string;
    }[];
    return history.at(-1) as { chart: string; description: string };
  }

  way(
    'upgrades to the next version with --reuse-values: no write is refused, and old defaults stay',
    async () => {
      await expectAllServed(
        ...run('upgrade', next.file, '--reuse-values', '--set', 'webhook.logLevel=debug', ...waited),
      );
      expect((await revision()).chart).toBe(`ecr-anywhere-${NEXT_VERSION}`);
      expect(await changedDefault()).toBe(CHANGED_DEFAULT.before);
    },
    240_000,
  );

  way(
    'upgrades with --reset-then-reuse-values: no write is refused, and new defaults come in',
    async () => {
      await expectAllServed(...run('upgrade', next.file, '--reset-then-reuse-values', ...waited));
      expect(await changedDefault()).toBe(CHANGED_DEFAULT.after);
    },
    240_000,
  );

  way(
    `rolls back by itself (${onFailure}) from ${broken.what}, and no write is refused`,
    async () => {
      const writes = await underWrites(stage, async () => {
        const flags = ['--reuse-values', ...broken.flags, onFailure, '--timeout', GIVE_UP];
        const { code, errors } = await attempt(helm, run('upgrade', next.file, ...flags));
        expect({ code, errors }).toEqual({ code: 1, errors: expect.stringContaining('rolled back') });
        await untilReplaced(cluster, RELEASE);
      });
      expect(writes.refusals).toEqual([]);
      expect(writes.count).toBeGreaterThan(100);
      expect((await revision()).description).toMatch(/^Rollback to /);
    },
    240_000,
  );

  way(
    'passes helm test',
    async () => {
      await command(helm, run('test', '--timeout', '2m'));
    },
    180_000,
  );

  way(
    'rolls back to the version before, and no write is refused',
    async () => {
      await expectAllServed(...run('rollback', '1', ...waited));
      expect((await revision()).chart).not.toBe(`ecr-anywhere-${NEXT_VERSION}`);
      expect(await changedDefault()).toBe(CHANGED_DEFAULT.before);
    },
    240_000,
  );

  way(
    `after uninstalling, can be installed again (tls.deleteSecrets ${deleteSecrets})`,
    async () => {
      await stage.writeFake('kept');
      const before = await stage.read('kept');
      const tls = await tlsSecrets();
      expect(Object.keys(tls)).toEqual(TLS_SECRETS);
      await command(helm, run('uninstall', '--wait', '--timeout', '2m'));
      expect(await tlsSecrets()).toEqual(deleteSecrets ? {} : tls);
      expect(await stage.read('kept')).toEqual(before);
      await install();
      // cert-manager uses the Secrets that it finds, and issues no other certificates.
      const now = await tlsSecrets();
      expect(TLS_SECRETS.filter((name) => now[name] === tls[name])).toEqual(deleteSecrets ? [] : TLS_SECRETS);
      expect((await stage.annotate('kept', { marked_for_update_at: 'by hand' })).status).toBe(200);
      expect(annotation(await stage.read('kept'), 'updated_at')).not.toBe(annotation(before, 'updated_at'));
    },
    240_000,
  );

  /** The certificate in each Secret of cert-manager, by name. */
  async function tlsSecrets(): Promise<Record<string, string>> {
    const { items } = JSON.parse(
      await cluster.kubectl(['-n', RELEASE.namespace, 'get', 'secrets', '-o', 'json']),
    ) as { items: { metadata: { name: string }; data?: Record<string, string> }[] };
    const found = items.filter(({ metadata }) => TLS_SECRETS.includes(metadata.name));
    return Object.fromEntries(found.map(({ metadata, data }) => [metadata.name, data?.['tls.crt'] ?? '']));
  }
});

/** The Secrets that cert-manager makes. */
const TLS_SECRETS = ['ca', 'tls'].map((what) => `${RELEASE.name}-webhook-${what}`);
