import { kubernetesApi, type Connection } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ENABLED, fakeSecret, stageOn, type Stage } from '../stage.ts';
import { startAws } from './cluster/aws.ts';
import { connectCluster, type InstalledCluster } from './cluster/cluster.ts';
import { CHART, installRelease, scenarioValues, type Release, type Values } from './chart/release.ts';
import { deleteScenarioNamespaces } from './cluster/scenario-namespaces.ts';

const NAMESPACE = 'restricted';

describe('an installation with restricted permissions', () => {
  let cluster: InstalledCluster;
  let release: Release;
  let values: Values;

  beforeAll(async () => {
    cluster = await connectCluster();
    const aws = await startAws(cluster);
    await aws.reset();
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    values = scenarioValues(aws);
    release = await installRelease(cluster, values, { namespace: NAMESPACE });
  }, 240_000);

  afterAll(async () => {
    await release?.uninstall();
    await cluster?.tryKubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
    if (cluster) await deleteScenarioNamespaces(cluster);
    await cluster?.close();
  }, 120_000);

  it('runs at the Pod Security level "restricted": the webhook, the refresher and the hooks', async () => {
    expect((await release.refresh()).code).toBe(0);
    await cluster.helm(['test', release.name, '-n', NAMESPACE, '--timeout', '2m']);
  }, 200_000);

  it('lets the refresher list namespaces, list and patch Secrets, patch its report, and nothing else', async () => {
    expect(await rules('ecr-anywhere-refresher')).toEqual([
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: ['ecr-anywhere-refresher-report'],
        verbs: ['patch'],
      },
      { apiGroups: [''], resources: ['namespaces'], verbs: ['list'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['list', 'patch'] },
    ]);
  });

  it('gives the webhook no permissions and no token', async () => {
    expect(await rules('ecr-anywhere')).toEqual([]);
    const pods = await cluster.kubectl([
      '-n',
      NAMESPACE,
      'get',
      'pods',
      '-l',
      'app=ecr-anywhere',
      '-o',
      'json',
    ]);
    expect(pods).not.toContain('kube-api-access');
  });

  describe('with rbac.secretNames', () => {
    /** Other scenarios may have left managed Secrets with other names in their namespaces. */
    const labels = { ...ENABLED, scenario: 'rights' };
    const named = () => ({
      ...values,
      rbac: { secretNames: ['ecr-pull'] },
      namespaceSelector: { matchLabels: { scenario: 'rights' } },
    });

    it('is not upgraded while managed Secrets have other names: the Job names them, and nothing changes', async () => {
      const stage = await stageOn(cluster, labels);
      for (const name of ['ecr-pull', 'third']) expect((await stage.writeFake(name)).status).toBe(201);
      const { code } = await cluster.tryHelm(
        ['upgrade', release.name, CHART, '-n', NAMESPACE, '-f', '-', '--timeout', '3m'],
        { input: JSON.stringify(named()) },
      );
      expect(code).not.toBe(0);
      const log = await cluster.kubectl(['-n', NAMESPACE, 'logs', 'job/ecr-anywhere-check-names']);
      expect(log).toContain(`have other names than ecr-pull: ${stage.namespace}/third;`);
      expect(await rulesOfRefresher()).toContainEqual({
        apiGroups: [''],
        resources: ['secrets'],
        verbs: ['list', 'patch'],
      });
      expect(await objectsOfCheck('serviceaccounts,clusterroles,clusterrolebindings')).toEqual([]);
      await cluster.kubectl(['-n', stage.namespace, 'delete', 'secret', 'third']);
    }, 240_000);

    it('lets the refresher list and patch Secrets with these names only, and passes helm test', async () => {
      const stage = await stageOn(cluster, labels);
      await release.upgrade(named());
      expect(await rulesOfRefresher()).toContainEqual({
        apiGroups: [''],
        resources: ['secrets'],
        resourceNames: ['ecr-pull'],
        verbs: ['list', 'patch'],
      });
      await stage.writeFake('ecr-pull');
      expect(await stage.writeFake('third')).toMatchObject({ status: 422 });
      expect(await release.refresh()).toMatchObject({
        code: 0,
        message: expect.stringMatching(/^checked 2,/),
      });
      await cluster.helm(['test', release.name, '-n', NAMESPACE, '--timeout', '2m']);
    }, 300_000);

    it('leaves nothing of the check behind', async () => {
      const kinds = 'jobs,serviceaccounts,clusterroles,clusterrolebindings,roles,rolebindings';
      expect(await objectsOfCheck(kinds)).toEqual([]);
    });

    it('refuses a write that changes more than the mark: by the token of the refresher, and by who impersonates it', async () => {
      const stage = await stageOn(cluster, labels);
      await stage.writeFake('ecr-pull');
      const plain = await stageOn(cluster, {});
      await plain.write({ ...fakeSecret('ecr-pull'), data: { '.dockerconfigjson': 'e30=' } });
      const args = ['-n', NAMESPACE, 'create', 'token', 'ecr-anywhere-refresher'];
      const { url, ca = '' } = cluster.connection;
      const writers: Connection[] = [
        { url, ca, token: (await cluster.kubectl(args)).trim() },
        { ...cluster.connection, as: `system:serviceaccount:${NAMESPACE}:ecr-anywhere-refresher` },
      ];
      for (const writer of writers) {
        const api = kubernetesApi(writer);
        const messageFor = async ({ path }: Stage) => {
          const patch = { metadata: { labels: { more: 'x' } } };
          const { status, body } = await api.patch(`${path}/ecr-pull`, patch);
          expect(status).toBe(403);
          return body.message;
        };
        expect(await messageFor(stage)).toContain('this write changes metadata.labels["more"]');
        expect(await messageFor(plain)).toContain("ValidatingAdmissionPolicy 'ecr-anywhere'");
        await api.close();
      }
    });

    const rulesOfRefresher = () => rules('ecr-anywhere-refresher');

    /** The names of the objects of the check that exist. */
    async function objectsOfCheck(kinds: string): Promise<string[]> {
      const names = await cluster.kubectl(['get', kinds, '-A', '-o', 'name']);
      return names.split('\n').filter((name) => name.includes('check-names'));
    }
  });

  /** The permissions of a service account in this namespace and cluster-wide, without those that every account has. */
  async function rules(account: string): Promise<Rule[]> {
    const [own, anyone] = await Promise.all([rulesOf(account), rulesOf('default')]);
    const common = new Set(anyone.map((rule) => JSON.stringify(rule)));
    return own
      .filter((rule) => !common.has(JSON.stringify(rule)))
      .sort((a, b) => JSON.stringify(a.resources).localeCompare(JSON.stringify(b.resources)));
  }

  async function rulesOf(account: string): Promise<Rule[]> {
    const review = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace: NAMESPACE },
    };
    const as = `--as=system:serviceaccount:${NAMESPACE}:${account}`;
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'];
    const args = [
      'create',
      '--validate=false',
      '-f',
      '-',
      '-o',
      'json',
      as,
      ...groups.map((group) => `--as-group=${group}`),
    ];
    const { status } = JSON.parse(await cluster.kubectl(args, JSON.stringify(review))) as {
      status: { resourceRules: Rule[] };
    };
    return status.resourceRules.map(({ apiGroups, resources, resourceNames, verbs }) => ({
      apiGroups,
      resources,
      ...(resourceNames && { resourceNames }),
      verbs: [...verbs].sort(),
    }));
  }
});

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}
