import { eventually } from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { size } from './form.ts';
import { inLanes } from './lanes.ts';
import { platform, type FaultyScenarioCluster, type ScenarioInstallation } from './platform.ts';
import { annotation, ENABLED, stageOn } from './stage.ts';

const describeFaults = (platform.hasFaults ? describe : describe.skip).each(platform.listOrders);

describeFaults(
  'the refresher, with network faults before the API server (lists in the order of %s)',
  (listOrder) => {
    const COUNT = listOrder === 'keys' ? platform.largeRun : size(200, 10_000);
    let cluster: FaultyScenarioCluster;
    let installation: ScenarioInstallation;

    beforeAll(async () => {
      cluster = await platform.startFaultyCluster(listOrder);
      installation = await cluster.install();
    }, 240_000);

    afterEach(() => cluster?.fault());

    afterAll(async () => {
      await installation?.uninstall();
      await cluster?.stop();
    }, 120_000);

    describe(`a run over ${COUNT} Secrets, with faults on one request in ten`, () => {
      beforeAll(async () => {
        const stages = await Promise.all(Array.from({ length: 20 }, () => stageOn(cluster, ENABLED)));
        // On a busy machine, the webhook may close a connection whose handshake takes too long.
        const write = (index: number) =>
          eventually(`pull-${index} is written`, async () => {
            const answer = await stages[index % stages.length]!.writeFake(`pull-${index}`);
            if (answer.status !== 201) throw new Error(answer.body.message);
            return true;
          });
        await inLanes(COUNT, async (index) => void (await write(index)), 30);
      }, 120_000);

      it('refreshes every Secret', async () => {
        const tenth = { probability: 0.02 };
        for (const code of [409, 500, 503])
          cluster.fault({ kind: 'status', code }, { method: 'PATCH', ...tenth });
        cluster.fault({ kind: 'status', code: 429, retryAfterSeconds: 1 }, { method: 'PATCH', ...tenth });
        for (const kind of ['reset', 'lost-answer'] as const)
          cluster.fault({ kind }, { method: 'PATCH', probability: 0.01 });
        cluster.fault({ kind: 'status', code: 503 }, { method: 'GET', probability: 0.1 });
        cluster.fault({ kind: 'expired-continue' }, { times: 2 });
        await installation.aws.resetCalls();
        const run = await installation.refresh(['--force']);
        expect(run.output.at(-1)).toMatch(
          new RegExp(`^checked ${COUNT}, due ${COUNT}, refreshed ${COUNT}, failed 0; first to end: `),
        );
        expect(run.code).toBe(0);
        expect((await installation.aws.calls())['GetAuthorizationToken'] ?? 0).toBeLessThanOrEqual(1);
      }, 120_000);
    });

    describe('a run whose continue tokens expire while its own marks change the order of the list', () => {
      it('refreshes every due Secret once', async () => {
        const stage = await stageOn(cluster, ENABLED);
        for (const name of ['e', 'b', 'h', 'a', 'g', 'd', 'c', 'f', 'i']) await stage.writeFake(name);
        for (let turn = 0; turn < 2; turn++) {
          // The continue tokens of two pages work; the third one has expired.
          cluster.fault({ kind: 'latency', milliseconds: 0 }, { path: /continue=/, times: 2 });
          cluster.fault({ kind: 'expired-continue' }, { times: 1 });
        }
        const run = await installation.refresh([
          '--force',
          '--page-size',
          '2',
          '--concurrency',
          '1',
          '--namespaces',
          stage.namespace,
        ]);
        expect(run.output.at(-1)).toMatch(/^checked 9, due 9, refreshed 9, failed 0/);
        expect(run.code).toBe(0);
      });
    });

    // The following tests do not depend on the order.
    if (listOrder !== platform.listOrders[0]) return;

    describe('a run that gets SIGTERM while the API server hangs', () => {
      it('ends, and says what it has done and why it ended', async () => {
        const stage = await stageOn(cluster, ENABLED);
        for (const name of ['a', 'b', 'c']) await stage.writeFake(name);
        cluster.fault(
          { kind: 'latency', milliseconds: 60_000 },
          { method: 'GET', path: /secrets\?.*continue=/ },
        );
        const refresher = await installation.startRefresher([
          '--force',
          '--page-size',
          '2',
          '--namespaces',
          stage.namespace,
        ]);
        await eventually(
          'the first page is refreshed',
          async () => annotation(await stage.read('b'), 'marked_for_update_at') !== undefined,
          { within: 60_000 },
        );
        await refresher.end();
        const { code, output, terminationMessage } = await refresher.run;
        expect(terminationMessage).toMatch(
          new RegExp(
            `^stopped early \\(SIGTERM; the API server did not answer GET ${stage.path} within [\\d.]+ s\\): ` +
              'checked 2, due 2, refreshed 2, failed 0; first to end: ',
          ),
        );
        expect(output.at(-1)).toBe(terminationMessage);
        expect(code).toBe(1);
      }, 120_000);
    });
  },
);
