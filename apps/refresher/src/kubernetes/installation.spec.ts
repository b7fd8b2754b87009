import { LABELS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { installationOf, type Installation } from './installation.ts';

const ENABLED = { [LABELS.namespace]: 'enabled' };

describe('the installation that fills the Secrets of a namespace', () => {
  it.each<[Installation, string, Record<string, string> | null | undefined, Record<string, string>]>([
    ['this', 'it is enabled, and no other labels are required', ENABLED, {}],
    [
      'this',
      'it has all required labels',
      { ...ENABLED, team: 'a', env: 'prod' },
      { team: 'a', env: 'prod' },
    ],
    ['this', 'the required value is empty', { ...ENABLED, team: '' }, { team: '' }],
    ['another', 'a required label has another value', { ...ENABLED, team: 'b' }, { team: 'a' }],
    ['another', 'a required label is missing', { ...ENABLED, team: 'a' }, { team: 'a', env: 'prod' }],
    ['another', 'a label with an empty value is required, and missing', ENABLED, { team: '' }],
    ['none', 'it is not enabled, whatever other labels it has', { team: 'a' }, { team: 'a' }],
    ['none', 'its label has another value', { [LABELS.namespace]: 'disabled' }, {}],
    ['none', 'it has no labels', null, {}],
  ])('is %s if %s', (installation, _, labels, required) => {
    expect(installationOf({ name: 'x', labels }, required)).toBe(installation);
  });

  it('is none if the namespace does not exist', () => {
    expect(installationOf(undefined, { team: 'a' })).toBe('none');
  });
});
