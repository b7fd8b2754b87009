import { describe, expect, it } from '@jest/globals';
import { readAws } from './aws-settings.ts';
import { readRegions } from './regions.ts';

describe('the regions', () => {
  it.each<[string, Record<string, string>, readonly string[]]>([
    ['none, if the environment names none', {}, []],
    ['the one of AWS_REGION', { AWS_REGION: 'eu-west-1' }, ['eu-west-1']],
    ['the one of AWS_DEFAULT_REGION', { AWS_DEFAULT_REGION: 'eu-west-1' }, ['eu-west-1']],
    [
      'those of AWS_REGIONS, each once',
      { AWS_REGIONS: ' us-east-1, eu-west-1,us-east-1 ' },
      ['us-east-1', 'eu-west-1'],
    ],
    [
      'those of AWS_REGIONS, that of AWS_REGION first',
      { AWS_REGIONS: 'us-east-1,eu-west-1', AWS_REGION: 'eu-west-1' },
      ['eu-west-1', 'us-east-1'],
    ],
    [
      'those of AWS_REGIONS, whatever AWS_DEFAULT_REGION says',
      { AWS_REGIONS: 'us-east-1', AWS_DEFAULT_REGION: 'eu-west-1' },
      ['us-east-1'],
    ],
  ])('are %s', (_, env, regions) => {
    expect(readRegions(env)).toEqual(regions);
  });

  it.each<[string, Record<string, string>, readonly string[]]>([
    [
      'malformed',
      { AWS_REGIONS: 'Ireland!,us-east-1,-' },
      [
        'AWS_REGIONS: expected regions such as eu-west-1, separated by commas, not "Ireland!"',
        'AWS_REGIONS: expected regions such as eu-west-1, separated by commas, not "-"',
      ],
    ],
    [
      'not among them, as home',
      { AWS_REGIONS: 'us-east-1,us-east-2', AWS_REGION: 'eu-west-1' },
      ['AWS_REGION: expected one of AWS_REGIONS (us-east-1, us-east-2), not eu-west-1'],
    ],
    [
      'too many',
      { AWS_REGIONS: Array.from({ length: 21 }, (unused, index) => `eu-west-${index}`).join() },
      ['AWS_REGIONS: expected at most 20 regions, not 21'],
    ],
  ])('are refused if they are %s', (_, env, mistakes) => {
    expect(() => readAws(env).settings()).toThrow(expect.objectContaining({ mistakes }));
    expect(readAws(env).regions).toEqual([]);
  });
});
