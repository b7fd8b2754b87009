import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isRegistryHost, parseRegistry, privateRegistry, registryMismatch } from './registry.ts';

const A = '111122223333';

describe('a registry host', () => {
  it.each([
    [
      `${A}.dkr.ecr.us-east-1.amazonaws.com`,
      { region: 'us-east-1', partition: 'aws', fips: false, dualStack: false },
    ],
    [
      `${A}.dkr.ecr-fips.us-gov-west-1.amazonaws.com`,
      { region: 'us-gov-west-1', partition: 'aws-us-gov', fips: true, dualStack: false },
    ],
    [
      `${A}.dkr.ecr.cn-north-1.amazonaws.com.cn`,
      { region: 'cn-north-1', partition: 'aws-cn', fips: false, dualStack: false },
    ],
    [
      `${A}.dkr.ecr.eusc-de-east-1.amazonaws.eu`,
      { region: 'eusc-de-east-1', partition: 'aws-eusc', fips: false, dualStack: false },
    ],
    [
      `${A}.dkr-ecr.us-west-2.on.aws`,
      { region: 'us-west-2', partition: 'aws', fips: false, dualStack: true },
    ],
    [
      `${A}.dkr-ecr-fips.us-west-2.on.aws`,
      { region: 'us-west-2', partition: 'aws', fips: true, dualStack: true },
    ],
    [
      `${A}.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn`,
      { region: 'cn-north-1', partition: 'aws-cn', fips: false, dualStack: true },
    ],
    [
      `${A}.dkr.ecr.us-isob-east-1.sc2s.sgov.gov`,
      { region: 'us-isob-east-1', partition: 'aws-iso-b', fips: false, dualStack: false },
    ],
    [
      `${A}.dkr.ecr.us-iso-east-1.c2s.ic.gov`,
      { region: 'us-iso-east-1', partition: 'aws-iso', fips: false, dualStack: false },
    ],
    [
      `${A}.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk`,
      { region: 'eu-isoe-west-1', partition: 'aws-iso-e', fips: false, dualStack: false },
    ],
    [
      `${A}.dkr.ecr.us-isof-east-1.csp.hci.ic.gov`,
      { region: 'us-isof-east-1', partition: 'aws-iso-f', fips: false, dualStack: false },
    ],
  ])('of a private registry is taken apart: %s', (host, parts) => {
    expect(parseRegistry(host)).toEqual({ host, public: false, account: A, ...parts });
  });

  it.each(['public.ecr.aws', 'ecr-public.aws.com'])('of ECR Public is always in us-east-1: %s', (host) => {
    expect(parseRegistry(host)).toMatchObject({ public: true, region: 'us-east-1' });
    expect(parseRegistry(host)).not.toHaveProperty('account');
  });

  it.each([
    `https://${A}.dkr.ecr.us-east-1.amazonaws.com`,
    `${A}.dkr.ecr.us-east-1.amazonaws.com/team/app:1.2@sha256:${'0'.repeat(64)}`,
    `${A}.DKR.ecr.us-east-1.AmazonAWS.com`,
    `${A}.dkr.ecr.us-east-1.amazonaws.com:443/v2/`,
    `${A}.dkr.ecr.us-east-1.amazonaws.com.`,
  ])('is found in an image reference or a URL: %s', (text) => {
    expect(parseRegistry(text)?.host).toBe(`${A}.dkr.ecr.us-east-1.amazonaws.com`);
  });

  it.each([
    '',
    'docker.io',
    `11112222333.dkr.ecr.us-east-1.amazonaws.com`,
    `${A}.dkr.ecr.us-east-1.amazonaws.com.evil.example`,
    `evil.${A}.dkr.ecr.us-east-1.amazonaws.com`,
    `${A}.dkr.ecr.us-east-1.constructor`,
    `evil.example/${A}.dkr.ecr.us-east-1.amazonaws.com`,
    'public.ecr.aws.evil.example',
  ])('is not seen in %j', (text) => expect(parseRegistry(text)).toBeUndefined());

  it('is searched for in any text without an exception', () => {
    fc.assert(fc.property(fc.string({ maxLength: 5_000 }), (text) => void parseRegistry(text)));
    fc.assert(
      fc.property(
        fc.stringMatching(/^[0-9]{12}\.dkr[.-]ecr(-fips)?\.[a-z0-9.-]{0,300}$/),
        (text) => void parseRegistry(text),
      ),
    );
  });
});

describe('the host of a registry', () => {
  it.each(['mirror.example.com', 'mirror.example.com:5000', 'localhost:5000', '10.0.0.1', 'A.example'])(
    'may be %s',
    (text) => expect(isRegistryHost(text)).toBe(true),
  );

  it.each([
    '',
    'not a host',
    'https://mirror.example.com',
    'mirror.example.com/team',
    'a..b',
    '-a.example',
    'a:123456',
  ])('is not %j', (text) => expect(isRegistryHost(text)).toBe(false));
});

describe('a private registry', () => {
  it.each([
    `${A}.dkr.ecr-fips.us-east-1.amazonaws.com`,
    `https://${A}.dkr.ecr-fips.us-east-1.amazonaws.com/app:1`,
  ])('is taken apart: %s', (text) => {
    expect(privateRegistry(text)).toMatchObject({ account: A, region: 'us-east-1', fips: true });
  });

  it.each([
    ['mirror.example.com:5000', 'mirror.example.com:5000 is not a registry of Amazon ECR'],
    ['public.ecr.aws/nginx/nginx', 'public.ecr.aws is ECR Public'],
    ['https://user:planted@example.com', 'What was given as the registry is not a registry of Amazon ECR'],
  ])('is required, and other registries are refused: %s', (text, words) => {
    expect(() => privateRegistry(text)).toThrow(words);
    expect(() => privateRegistry(text)).toThrow(expect.objectContaining({ code: 'invalid-settings' }));
  });
});

describe('tokens of a region', () => {
  it.each([
    ['us-east-1', `${A}.dkr.ecr.us-east-1.amazonaws.com`],
    ['us-east-1', `${A}.dkr-ecr-fips.us-east-1.on.aws`],
    ['cn-north-1', `${A}.dkr.ecr.cn-north-1.amazonaws.com.cn`],
    ['us-gov-west-1', `${A}.dkr.ecr-fips.us-gov-west-1.amazonaws.com`],
    ['eusc-de-east-1', `${A}.dkr.ecr.eusc-de-east-1.amazonaws.eu`],
    ['us-iso-east-1', `${A}.dkr.ecr.us-iso-east-1.c2s.ic.gov`],
    ['us-isob-east-1', `${A}.dkr.ecr.us-isob-east-1.sc2s.sgov.gov`],
    ['eu-isoe-west-1', `${A}.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk`],
    ['us-isof-east-1', `${A}.dkr.ecr.us-isof-east-1.csp.hci.ic.gov`],
    ['us-east-1', 'mirror.example.com'],
    [undefined, `${A}.dkr.ecr.us-east-1.amazonaws.com`],
  ])('of %s open %s, as far as its name tells', (region, host) => {
    expect(registryMismatch(host, region)).toBeUndefined();
  });

  it.each([
    ['eu-west-1', `${A}.dkr.ecr.us-east-1.amazonaws.com`, 'of us-east-1'],
    ['cn-north-1', `${A}.dkr.ecr.cn-north-1.amazonaws.com`, 'the partition aws, but cn-north-1 is in aws-cn'],
    ['us-east-1', `${A}.dkr.ecr.us-east-1.amazonaws.com.cn`, 'the partition aws-cn, but us-east-1 is in aws'],
    ['us-east-1', 'public.ecr.aws', 'ECR Public'],
    [undefined, 'public.ecr.aws', 'ECR Public'],
  ])('of %s do not open %s, and the reason is given', (region, host, why) => {
    expect(registryMismatch(host, region)).toMatch(new RegExp(`^${host} .*${why}`));
  });
});
