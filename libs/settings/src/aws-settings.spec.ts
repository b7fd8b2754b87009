import { describe, expect, it } from '@jest/globals';
import { readAws } from './aws-settings.ts';
import { readAll } from './read-all.ts';
import { SettingsError } from './settings-error.ts';

describe('the AWS settings', () => {
  it('give the client options and the identity for AWS', () => {
    const { client, identity } = readAws({
      AWS_REGION: 'eu-west-1',
      AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/pull',
    }).settings();
    expect(client.region).toBe('eu-west-1');
    expect(identity.roles).toHaveLength(1);
  });

  it('report every mistake at once, each with its variable and what to do', () => {
    const aws = readAws({
      AWS_REGION: 'Ireland!',
      AWS_USE_FIPS_ENDPOINT: 'yes',
      AWS_ROLE_ARN: 'pull',
      AWS_ROLE_DURATION_SECONDS: '1h',
    });
    const read = () => aws.settings();
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(
      expect.objectContaining({
        mistakes: [
          expect.stringMatching(/^AWS_REGION .*: set AWS_REGION/),
          expect.stringMatching(/^AWS_USE_FIPS_ENDPOINT .*: set/),
          expect.stringMatching(/^AWS_ROLE_(ARN|DURATION_SECONDS) .*: correct/),
          expect.stringMatching(/^AWS_ROLE_(ARN|DURATION_SECONDS) .*: correct/),
        ],
      }),
    );
  });

  it.each<[string, Record<string, string>, string | undefined]>([
    ['the one of AWS_DEFAULT_REGION', { AWS_DEFAULT_REGION: 'eu-west-1' }, 'eu-west-1'],
    ['unknown if no variable names one', {}, undefined],
    ['unknown if it is malformed', { AWS_REGION: 'Ireland!' }, undefined],
    [
      'known although another variable of the client is malformed',
      { AWS_REGION: 'eu-west-1', AWS_USE_FIPS_ENDPOINT: 'yes' },
      'eu-west-1',
    ],
    ['known although the role is malformed', { AWS_REGION: 'eu-west-1', AWS_ROLE_ARN: 'pull' }, 'eu-west-1'],
  ])('have a region that is %s', (_, env, region) => {
    expect(readAws(env).regions).toEqual(region === undefined ? [] : [region]);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['missing', {}, /^AWS_REGION: expected the region/],
    ['malformed', { AWS_REGION: 'Ireland!' }, /^AWS_REGION is not the name of a region/],
  ])('report once that a required region is %s', (_, env, mistake) => {
    const aws = readAws(env);
    expect(() => readAll(() => aws.settings(), aws.requireRegion)).toThrow(
      expect.objectContaining({ mistakes: [expect.stringMatching(mistake)] }),
    );
  });

  it('are read once: a later change of the environment has no effect', () => {
    const env = { AWS_REGION: 'eu-west-1' };
    const aws = readAws(env);
    env.AWS_REGION = 'eu-west-2';
    expect(aws.settings().client.region).toBe('eu-west-1');
  });
});
