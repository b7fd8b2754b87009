import { describe, expect, it } from '@jest/globals';
import { checkRegistryHosts, checkThreshold } from './contradictions.ts';

const HOUR = 3_600_000;

describe('the threshold', () => {
  it('is refused from where no token could meet it, with the largest that can be', () => {
    const settings = { REFRESH_MARGIN: HOUR / 2, TOKEN_REUSE: HOUR };
    expect(checkThreshold({ ...settings, REFRESH_THRESHOLD: 6 * HOUR })).toEqual([]);
    expect(checkThreshold({ ...settings, REFRESH_THRESHOLD: 10.5 * HOUR })).toEqual([
      'REFRESH_THRESHOLD: no token could meet it: a token lives 12h, of which 1h may have passed (TOKEN_REUSE) ' +
        'and 30m are kept back (REFRESH_MARGIN); expected less than 10h30m, not 10h30m',
    ]);
  });

  it('is refused where the program knows no TOKEN_REUSE, too', () => {
    const settings = { REFRESH_MARGIN: HOUR / 2 };
    expect(checkThreshold({ ...settings, REFRESH_THRESHOLD: 11 * HOUR })).toEqual([]);
    expect(checkThreshold({ ...settings, REFRESH_THRESHOLD: 11.5 * HOUR })).toEqual([
      expect.not.stringContaining('TOKEN_REUSE'),
    ]);
  });

  it('is not judged where it is wrong by itself', () => {
    expect(checkThreshold({ REFRESH_MARGIN: HOUR })).toEqual([]);
  });
});

describe('registry hosts', () => {
  const check = (host: string, env: Record<string, string> = { AWS_REGION: 'eu-west-1' }) =>
    checkRegistryHosts(env)({ REGISTRY_HOSTS: [host] });

  it.each([
    'mirror.example.com:5000',
    '444455556666.dkr.ecr.eu-west-1.amazonaws.com',
    '444455556666.dkr-ecr.eu-west-1.on.aws',
    '444455556666.dkr.ecr-fips.eu-west-1.amazonaws.com:443',
  ])('of no region, or of that of the token, are taken: %s', (host) => {
    expect(check(host)).toEqual([]);
  });

  it.each(['444455556666.dkr.ecr.us-east-1.amazonaws.com', 'public.ecr.aws', 'ecr-public.aws.com'])(
    'that the token does not open are refused: %s',
    (host) => {
      expect(check(host)).toEqual([expect.stringMatching(`^REGISTRY_HOSTS: ${host} `)]);
    },
  );

  it('are taken whatever their region where none is set, or it is wrong by itself', () => {
    const host = '444455556666.dkr.ecr.us-east-1.amazonaws.com';
    expect(check(host, {})).toEqual([]);
    expect(check(host, { AWS_REGION: 'Ireland!' })).toEqual([]);
  });

  it('may be missing', () => {
    expect(checkRegistryHosts({})({})).toEqual([]);
  });
});
