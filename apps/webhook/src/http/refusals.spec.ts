import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createMetrics, type Metrics } from '../operations/metrics.ts';
import { refusalReporter, type ReportRefusal } from './refusals.ts';
import { logLines } from '../testing/log-lines.ts';

describe('refused requests', () => {
  let kept: ReturnType<typeof logLines>;
  let metrics: Metrics;
  let reportRefusal: ReportRefusal;
  let now: number;

  beforeEach(() => {
    jest.useFakeTimers();
    now = 0;
    kept = logLines();
    metrics = createMetrics();
    reportRefusal = refusalReporter(kept.log, metrics, () => now);
  });

  afterEach(() => void jest.useRealTimers());

  const refuse = (count: number, status = 400) => {
    for (let index = 0; index < count; index++) reportRefusal({ status }, 'no review');
  };
  const lines = () => kept.lines.map((line) => JSON.parse(line) as { msg: string; counts?: object });

  it('get one log line each, up to a number of lines that a person can read', () => {
    refuse(100);
    expect(lines().map(({ msg }) => msg)).toEqual(Array(100).fill('no review'));
    now = 1_000;
    refuse(10);
    expect(lines()).toHaveLength(110);
  });

  it('are counted together beyond that', () => {
    refuse(100);
    refuse(5_000, 400);
    refuse(3, 413);
    expect(lines()).toHaveLength(100);
    jest.advanceTimersByTime(10_000);
    expect(lines().slice(100)).toEqual([
      expect.objectContaining({ counts: { 400: 5_000, 413: 3 }, msg: expect.stringContaining('refused') }),
    ]);
    jest.advanceTimersByTime(60_000);
    expect(lines()).toHaveLength(101);
  });

  it('get a line each again after the flood', () => {
    refuse(5_000);
    now = 10_000;
    refuse(1);
    expect(lines()).toHaveLength(101);
  });

  it('always get a line when the webhook has a defect', () => {
    refuse(5_000);
    refuse(1, 500);
    expect(lines().at(-1)).toMatchObject({ level: 50, status: 500 });
  });

  it('are all counted', async () => {
    refuse(5_000);
    refuse(2, 413);
    const { values } = await metrics.registry.getSingleMetric('ecr_anywhere_refused_requests_total')!.get();
    expect(values.map(({ labels, value }) => [labels['status'], value])).toEqual([
      [400, 5_000],
      [413, 2],
    ]);
  });
});
