import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeRunReport, type RunReport } from '@ecr-anywhere/run-report';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMetrics, type Metrics } from '../operations/metrics.ts';
import { eventually } from '@ecr-anywhere/eventually';
import { logLines } from '../testing/log-lines.ts';
import { watchReport } from './watch-report.ts';

const INTERVAL = 10;

function reportOf(endedAt: number): string {
  const webhookCalls = { answered: 1, failed: 0, not_called: 0 };
  const report: RunReport = {
    version: 1,
    endedAt: endedAt * 1000,
    exitCode: 0,
    webhookCalls,
    onlyNeedsCorrection: false,
  };
  return writeRunReport(report);
}

describe("the refresher's report", () => {
  let folder: string;
  let file: string;
  let metrics: Metrics;
  let log: ReturnType<typeof logLines>;
  let watch: ReturnType<typeof watchReport>;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'report-'));
    file = join(folder, 'report.json');
    metrics = createMetrics();
    log = logLines();
    watch = watchReport(file, log.log, metrics, INTERVAL);
  });

  afterEach(async () => {
    watch.stop();
    await rm(folder, { recursive: true });
  });

  /** In one step: half a file would be another problem. */
  const put = async (content: string) => {
    await writeFile(join(folder, 'new'), content);
    await rename(join(folder, 'new'), file);
  };
  const shown = async (name: string) => {
    const text = await metrics.registry.metrics();
    return Number(new RegExp(`^ecr_anywhere_refresher_${name} (.*)$`, 'm').exec(text)?.[1]);
  };
  const untilShown = async (name: string, value: number) => {
    await eventually(`${name} is ${value}`, async () => (await shown(name)) === value);
  };

  it('need not be there before the first run: this is no problem', async () => {
    await sleep(5 * INTERVAL);
    expect(await shown('run_timestamp_seconds')).toBe(0);
    expect(await shown('report_invalid')).toBe(0);
    expect(log.lines).toEqual([]);
  });

  it('is shown when the kubelet brings it, and again when it changes', async () => {
    for (const version of [1, 2]) {
      // The kubelet writes a new folder, and swaps the link "..data" in one step.
      const data = join(folder, `..version-${version}`);
      await mkdir(data);
      await writeFile(join(data, 'report.json'), reportOf(version));
      await symlink(`..version-${version}`, join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
      if (version === 1) await symlink('..data/report.json', file);
      await untilShown('run_timestamp_seconds', version);
    }
    expect(log.lines).toEqual([]);
  });

  it.each([
    ['malformed', '{"version":1,'],
    ['of an unknown version', reportOf(2).replace('"version":1', '"version":9')],
    ['too large', `"${'x'.repeat(900_000)}"`],
    ['larger than any ConfigMap', 'x'.repeat(2_000_000)],
  ])('stays as it was if a later one is %s; the log and a metric say so once', async (_, content) => {
    await put(reportOf(1));
    await untilShown('run_timestamp_seconds', 1);
    await put(content);
    await untilShown('report_invalid', 1);
    await sleep(5 * INTERVAL);
    expect(await shown('run_timestamp_seconds')).toBe(1);
    expect(log.lines).toHaveLength(1);
    expect(JSON.parse(log.lines[0]!)).toMatchObject({ file, msg: "the refresher's report is ignored" });
    expect(log.lines[0]!.length).toBeLessThan(400);

    await put(reportOf(3));
    await untilShown('run_timestamp_seconds', 3);
    expect(await shown('report_invalid')).toBe(0);
  });

  it('is not called invalid any more when the file with the bad content is gone', async () => {
    await put('no report');
    await untilShown('report_invalid', 1);
    await rm(file);
    await untilShown('report_invalid', 0);
    expect(log.lines).toHaveLength(1);
  });

  it('stays as it was if the file is gone', async () => {
    await put(reportOf(1));
    await untilShown('run_timestamp_seconds', 1);
    await rm(file);
    await sleep(5 * INTERVAL);
    expect(await shown('run_timestamp_seconds')).toBe(1);
    expect(log.lines).toEqual([]);
  });
});
