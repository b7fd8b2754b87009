import { describe, expect, it } from '@jest/globals';
import type { AwsClientOptions } from '../connection/client-options.ts';
import { parseRegistry } from '../docker/registry.ts';
import type { Environment } from '../settings/environment.ts';
import { clientsFor } from './clients.ts';

const PLAIN = '111122223333.dkr.ecr.us-east-1.amazonaws.com';
const FIPS = '111122223333.dkr.ecr-fips.us-east-1.amazonaws.com';
const DUAL_STACK = '111122223333.dkr-ecr.us-east-1.on.aws';
const FIPS_DUAL_STACK = '111122223333.dkr-ecr-fips.us-east-1.on.aws';

describe('ECR is asked for a registry', () => {
  const client = (host: string, settings: AwsClientOptions = {}, env: Environment = {}) =>
    clientsFor(parseRegistry(host) ?? {}, settings, env).ecr;

  it.each<[string, string, AwsClientOptions, Environment, boolean | undefined]>([
    ['at the FIPS endpoint for a FIPS host', FIPS, {}, {}, true],
    ['there for one of both kinds', FIPS_DUAL_STACK, {}, {}, true],
    ['as the profile says for a plain host', PLAIN, {}, {}, undefined],
    ['there for a plain host, where the settings say so', PLAIN, { useFipsEndpoint: true }, {}, true],
    ['not there, where the settings say so', FIPS, { useFipsEndpoint: false }, {}, false],
    ['at an endpoint that is given', FIPS, { endpoint: 'https://ecr.example.com' }, {}, undefined],
    ['at one of ECR in a variable', FIPS, {}, { AWS_ENDPOINT_URL_ECR: 'https://x.example.com' }, undefined],
    ['at one for everything', FIPS, {}, { AWS_ENDPOINT_URL: 'https://x.example.com' }, undefined],
    [
      'at the FIPS endpoint, with another endpoint for STS',
      FIPS,
      {},
      { AWS_ENDPOINT_URL_STS: 'https://x.example.com' },
      true,
    ],
  ])('%s', (_, host, settings, env, expected) => {
    expect(client(host, settings, env).useFipsEndpoint).toBe(expected);
  });

  it.each<[string, string, AwsClientOptions, Environment, boolean | undefined]>([
    ['at the dual-stack endpoint for a dual-stack host', DUAL_STACK, {}, {}, true],
    ['there for one of both kinds', FIPS_DUAL_STACK, {}, {}, true],
    ['as the profile says for a plain host', PLAIN, {}, {}, undefined],
    ['not there, where the settings say so', DUAL_STACK, { useDualstackEndpoint: false }, {}, false],
    [
      'at an endpoint in a variable',
      DUAL_STACK,
      {},
      { AWS_ENDPOINT_URL: 'https://x.example.com' },
      undefined,
    ],
  ])('%s', (_, host, settings, env, expected) => {
    expect(client(host, settings, env).useDualstackEndpoint).toBe(expected);
  });

  it('in its region, or otherwise in the region of the settings', () => {
    const settings = { region: 'eu-west-1', caBundle: 'ca.pem' };
    expect(client(PLAIN, settings)).toMatchObject({ region: 'us-east-1', caBundle: 'ca.pem' });
    expect(client('mirror.example.com', settings).region).toBe('eu-west-1');
  });
});
