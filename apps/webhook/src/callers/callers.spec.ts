import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { createMetrics } from '../operations/metrics.ts';
import { logLines } from '../testing/log-lines.ts';
import type { CallerCheck } from './caller-check.ts';
import type { CallerMode } from './caller-settings.ts';
import { createCallers } from './callers.ts';

function check(mode: CallerMode, path: string, accepts: boolean, why?: string): CallerCheck {
  const refused = { reason: 'wrong_key', text: `not accepted by ${mode}` } as const;
  return {
    mode,
    routes: [{ path, serves: 'reviews', refusal: () => (accepts ? undefined : refused) }],
    unready: () => why,
  };
}

describe('callers', () => {
  const callersOf = (...checks: [CallerCheck, ...CallerCheck[]]) => {
    const { log, lines } = logLines();
    const metrics = createMetrics();
    return { ...createCallers(checks, { log, metrics }), lines, metrics };
  };
  const request = { socket: {} } as IncomingMessage;

  it('are accepted at a path if one of its checks accepts them', () => {
    const { routes } = callersOf(
      check('clientCertificate', '/sync', false),
      check('none', '/sync', true),
      check('path', '/other', false),
    );
    expect(routes.map(({ path, refusal }) => [path, refusal(request, {})?.text])).toEqual([
      ['/sync', undefined],
      ['/other', 'not accepted by path'],
    ]);
  });

  it('are counted by the strongest mode that accepts them, whichever is CALLER_MODE', async () => {
    const { routes, metrics, start, stop } = callersOf(
      check('none', '/sync', true),
      check('clientCertificate', '/sync', true),
      check('path', '/sync', false),
    );
    start(() => undefined);
    const accepted = async () => {
      const { values } = await metrics.registry.getSingleMetric('ecr_anywhere_accepted_callers_total')!.get();
      return values.map(({ labels, value }) => [labels['mode'], value]);
    };
    expect(await accepted()).toEqual([
      ['none', 0],
      ['clientCertificate', 0],
      ['path', 0],
    ]);
    expect(routes[0]?.refusal(request, {})).toBeUndefined();
    expect(await accepted()).toContainEqual(['clientCertificate', 1]);
    expect(await accepted()).toContainEqual(['none', 0]);
    stop();
  });

  it('are not counted at a path that serves no reviews', async () => {
    const discovery = { path: '/apis', serves: 'nothing', refusal: () => undefined } as const;
    const { routes, metrics } = callersOf({ mode: 'aggregated', routes: [discovery] });
    expect(routes[0]?.refusal(request, {})).toBeUndefined();
    expect(await metrics.registry.metrics()).not.toContain('accepted_callers_total{');
  });

  it('are refused once if no check accepts them, with the reason of the strongest', async () => {
    const { routes, metrics } = callersOf(check('none', '/sync', false), check('path', '/sync', false));
    expect(routes[0]?.refusal(request, {})).toMatchObject({ mode: 'path', text: 'not accepted by path' });
    const { values } = await metrics.registry.getSingleMetric('ecr_anywhere_refused_callers_total')!.get();
    expect(values).toEqual([
      expect.objectContaining({ value: 1, labels: { mode: 'path', reason: 'wrong_key' } }),
    ]);
  });

  it('keep a replica unready as long as one of the checks is', () => {
    expect(callersOf(check('path', '/', true), check('none', '/', true, 'no key')).unready()).toBe('no key');
    expect(callersOf(check('path', '/', true)).unready()).toBeUndefined();
  });

  it('ask clients for no certificate if no check needs one', () => {
    const path = check('path', '/', true);
    expect(callersOf(path).clients).toBeUndefined();
    expect(callersOf(path, { ...path, asksForCertificate: true }).clients).toBeDefined();
  });
});
