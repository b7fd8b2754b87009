import { expect, it } from '@jest/globals';
import { callSites } from './call-sites.ts';

it('call sites show where an error was created, without its message', () => {
  const sites = callSites(new Error('canary\n    at canary'))!;
  expect(sites[0]).toContain('call-sites.spec');
  expect(sites.join()).not.toContain('canary');
});

it('call sites exist for an error without a message as well, and for nothing else', () => {
  expect(callSites(new Error())?.[0]).toContain('call-sites.spec');
  expect(callSites('canary')).toBeUndefined();
});
