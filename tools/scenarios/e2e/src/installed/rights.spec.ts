import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAws } from './cluster/aws.ts';
import { connectCluster, type InstalledCluster } from './cluster/cluster.ts';
import { installRelease, scenarioValues, type Release } from './chart/release.ts';

const NAMESPACE = 'restricted';

describe('an installation with restricted permissions', () => {
  let cluster: InstalledCluster;
  let release: Release;

  beforeAll(async () => {
    cluster = await connectCluster();
    const aws = await startAws(cluster);
    await aws.reset();
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    release = await installRelease(cluster, scenarioValues(aws), { namespace: NAMESPACE });
  }, 240_000);

  afterAll(async () => {
    await release?.uninstall();
    await cluster?.tryKubectl(['delete', 'namespace', NAMESPACE, '--wait=false']);
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
