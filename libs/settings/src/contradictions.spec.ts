import { describe, expect, it } from '@jest/globals';
import { checkRegistryHosts, checkThreshold } from './contradictions.ts';

const HOUR = 3_600_000;

describe('the threshold', () => {
  it('is refused if no token can meet it, with the limit in the message', () => {
    const settings = { REFRESH_MARGIN: HOUR / 2, TOKEN_REUSE: HOUR };
    expect(checkThreshold({ ...settings, REFRESH_THRESHOLD: 6 * HOUR })).toEqual([]);
    expect(checkThreshold({ ...settings, REFRESH_THRESHOLD: 10.5 * HOUR })).toEqual([
      'REFRESH_THRESHOLD: no token could meet it: a token lives 12h, of which 1h may have passed (TOKEN_REUSE) ' +
        'and 30m are kept back (REFRESH_MARGIN); expected less than 10h30m, not 10h30m',
    ]);
  });

  it('is refused by the refresher as well, which has no TOKEN_REUSE', () => {
    const settings = { REFRESH_MARGIN: HOUR / 2 };
    expect(checkThreshold({ ...settings, REFRESH_THRESHOLD: 11 * HOUR })).toEqual([]);
    expect(checkThreshold({ ...settings, REFRESH_THRESHOLD: 11.5 * HOUR })).toEqual([
      expect.not.stringContaining('TOKEN_REUSE'),
    ]);
  });

  it('is not checked if the setting itself is wrong', () => {
    expect(checkThreshold({ REFRESH_MARGIN: HOUR })).toEqual([]);
  });
});

describe('registry hosts', () => {
  const check = (host: string, ...regions: readonly string[]) =>
    checkRegistryHosts(regions)({ REGISTRY_HOSTS: [registryHost(host)] });
  const registryHost = (text: string) => {
    const [host = '', region] = text.split('=');
    return { host, region };
  };

  it.each([
    'mirror.example.com:5000',
    '444455556666.dkr.ecr.eu-west-1.amazonaws.com',
    '444455556666.dkr-ecr.eu-west-1.on.aws',
    '444455556666.dkr.ecr-fips.eu-west-1.amazonaws.com:443',
  ])('are accepted if they name no region, or the region of the token: %s', (host) => {
    expect(check(host, 'eu-west-1')).toEqual([]);
  });

  it.each(['444455556666.dkr.ecr.us-east-1.amazonaws.com', 'public.ecr.aws', 'ecr-public.aws.com'])(
    'are refused if the token does not open them: %s',
    (host) => {
      expect(check(host, 'eu-west-1')).toEqual([expect.stringMatching(`^REGISTRY_HOSTS: ${host} `)]);
    },
  );

  it('are accepted from each region that is served', () => {
    expect(check('444455556666.dkr.ecr.us-east-1.amazonaws.com', 'eu-west-1', 'us-east-1')).toEqual([]);
    expect(check('mirror.example.com=us-east-1', 'eu-west-1', 'us-east-1')).toEqual([]);
  });

  it.each([
    [
      '444455556666.dkr.ecr.eu-north-1.amazonaws.com',
      'is a registry of eu-north-1, which is none of the regions',
    ],
    ['mirror.example.com=eu-north-1', 'names a region that is not served, which are eu-west-1, us-east-1'],
    ['444455556666.dkr.ecr.us-east-1.amazonaws.com=eu-west-1', 'which tokens of eu-west-1 do not open'],
    ['public.ecr.aws=us-east-1', 'is ECR Public'],
  ])('are refused if no token of the regions opens them: %s', (host, words) => {
    expect(check(host, 'eu-west-1', 'us-east-1')).toEqual([expect.stringContaining(words)]);
  });

  it('are refused if one is there for two regions, since a Secret has one entry for it', () => {
    const hosts = [
      { host: 'mirror.example.com' },
      { host: 'mirror.example.com', region: 'us-east-1' },
      { host: 'other.example.com' },
      { host: 'other.example.com', region: 'eu-west-1' },
    ];
    expect(checkRegistryHosts(['eu-west-1', 'us-east-1'])({ REGISTRY_HOSTS: hosts })).toEqual([
      'REGISTRY_HOSTS: mirror.example.com is there for eu-west-1 and us-east-1; keep one of them',
    ]);
  });

  it('are accepted from any region if the region of the token is unknown', () => {
    expect(check('444455556666.dkr.ecr.us-east-1.amazonaws.com')).toEqual([]);
  });

  it('are not checked if the setting itself is wrong', () => {
    expect(checkRegistryHosts(['eu-west-1'])({})).toEqual([]);
  });
});
