import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from '@ecr-anywhere/local-installation';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { annotation, fakeSecret, stageOn, type Stage } from '../stage.ts';
import type { AwsInCluster } from './cluster/aws.ts';
import type { InstalledCluster } from './cluster/cluster.ts';
import { startRefresherJob } from './chart/refresher-job.ts';
import type { Release } from './chart/release.ts';
import { startScenario, type Scenario } from './scenario.ts';

/** A tool that calls `kubectl apply` with these flags. Each tool has its own Secret. */
interface Tool {
  readonly secret: string;
  readonly flags: readonly string[];
}

const CLIENT_SIDE: Tool = { secret: 'client-side', flags: [] };
const SERVER_SIDE: Tool = { secret: 'server-side', flags: ['--server-side', '--field-manager=gitops'] };
const FLUX: Tool = {
  secret: 'flux',
  flags: ['--server-side', '--field-manager=kustomize-controller', '--force-conflicts'],
};

describe('a GitOps tool that re-applies FAKE', () => {
  let scenario: Scenario | undefined;
  let cluster: InstalledCluster;
  let aws: AwsInCluster;
  let release: Release;
  let stage: Stage;

  beforeAll(async () => {
    scenario = await startScenario();
    ({ cluster, aws, release } = scenario);
    stage = await stageOn(cluster);
  }, 240_000);

  afterAll(() => scenario?.end(), 120_000);

  const kubectl = (verb: string, { secret, flags }: Tool, ...more: string[]) =>
    cluster.tryKubectl(
      ['-n', stage.namespace, verb, ...flags, ...more, '-f', '-'],
      JSON.stringify(fakeSecret(secret)),
    );

  async function apply(tool: Tool, ...more: string[]): Promise<string> {
    const { code, output, errors } = await kubectl('apply', tool, ...more);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    return output;
  }

  async function refresh({ secret }: Tool): Promise<void> {
    const before = await stage.read(secret);
    const job = { args: ['--force'], env: {}, kubeconfigFile: undefined };
    const { code, terminationMessage } = await (await startRefresherJob(cluster, release, job)).run;
    expect(terminationMessage).toMatch(/failed 0; first to end: /);
    expect(code).toBe(0);
    expect(annotation(await stage.read(secret), 'updated_at')).not.toBe(annotation(before, 'updated_at'));
  }

  /** Runs the tool's loop three times: it looks for drift and applies. */
  async function expectNothingComesOf(tool: Tool): Promise<void> {
    const before = await stage.read(tool.secret);
    expect(annotation(before, 'expires_at')).toBeDefined();
    await aws.resetCalls();
    for (let round = 0; round < 3; round++) {
      await sleep(1_000); // managedFields have times in seconds; the API server must skip a write that changes only such a time
      expect(await kubectl('diff', tool)).toEqual({ code: 0, output: '', errors: '' });
      const dry = JSON.parse(await apply(tool, '--dry-run=server', '-o', 'json')) as KubernetesObject;
      expect(contentOf(dry)).toEqual(contentOf(before));
      await apply(tool);
      // The resourceVersion is also equal, so nothing was written.
      expect(await stage.read(tool.secret)).toEqual(before);
    }
    expect(await aws.calls()).toEqual({});
  }

  it.each([
    ['by server-side apply', SERVER_SIDE],
    ['and forces ownership, as Flux does,', FLUX],
  ])(
    '%s causes no write, no drift and no AWS call, before and after a refresh',
    async (_, tool) => {
      await apply(tool);
      await expectNothingComesOf(tool);
      await refresh(tool);
      await expectNothingComesOf(tool);
    },
    120_000,
  );

  it('by plain kubectl apply causes no update either, except the first one after a refresh, which changes managedFields', async () => {
    await apply(CLIENT_SIDE);
    await expectNothingComesOf(CLIENT_SIDE);
    await refresh(CLIENT_SIDE);
    const refreshed = await stage.read(CLIENT_SIDE.secret);
    await aws.resetCalls();
    // The API server sorts managedFields by time, and the refresher's mark is no longer the latest entry.
    await apply(CLIENT_SIDE);
    expect(contentOf(await stage.read(CLIENT_SIDE.secret))).toEqual(contentOf(refreshed));
    expect(await aws.calls()).toEqual({});
    await expectNothingComesOf(CLIENT_SIDE);
  }, 120_000);
});

/** The Secret without the fields that the API server maintains. */
function contentOf({ data, metadata }: KubernetesObject) {
  return { data, annotations: metadata?.annotations, labels: metadata?.labels };
}
