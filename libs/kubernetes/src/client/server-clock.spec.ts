import { expect, it } from '@jest/globals';
import { serverClock } from './server-clock.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');

it('the time is that of the API server if it differs from that of this machine', () => {
  const clock = serverClock(() => NOW);
  expect(clock.now()).toBe(NOW);
  clock.observe('Fri, 02 Jan 2026 01:04:05 GMT');
  expect(clock.now()).toBe(Date.parse('2026-01-02T01:04:05Z'));
  for (const unclear of [undefined, '', 'yesterday']) clock.observe(unclear);
  expect(clock.now()).toBe(Date.parse('2026-01-02T01:04:05Z'));
  clock.observe('Fri, 02 Jan 2026 03:04:03 GMT'); // whole seconds, and some time on the way
  expect(clock.now()).toBe(NOW);
});
