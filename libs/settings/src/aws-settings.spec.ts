import { describe, expect, it } from '@jest/globals';
import { awsSettings, regionOf } from './aws-settings.ts';
import { hashOfSettings } from './refresh-settings.ts';
import { SettingsError } from './settings-error.ts';

describe('the AWS settings', () => {
  it('say how AWS is reached, and as whom', () => {
    const { client, identity } = awsSettings({
      AWS_REGION: 'eu-west-1',
      AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/pull',
    });
    expect(client.region).toBe('eu-west-1');
    expect(identity.roles).toHaveLength(1);
  });

  it('tell every mistake at once, each with its variable and what to do', () => {
    const read = () =>
      awsSettings({
        AWS_REGION: 'Ireland!',
        AWS_USE_FIPS_ENDPOINT: 'yes',
        AWS_ROLE_ARN: 'pull',
        AWS_ROLE_DURATION_SECONDS: '1h',
      });
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

  it('have a region, which is unknown where it is missing or wrong', () => {
    expect(regionOf({ AWS_DEFAULT_REGION: 'eu-west-1' })).toBe('eu-west-1');
    expect(regionOf({})).toBeUndefined();
    expect(regionOf({ AWS_REGION: 'Ireland!' })).toBeUndefined();
  });
});

describe('the fingerprint', () => {
  it('is the same for the same environment, and there is none without a region', () => {
    const env = { AWS_REGION: 'eu-west-1', AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/pull' };
    expect(hashOfSettings(env, ['a'])).toBe(hashOfSettings({ ...env, AWS_ACCESS_KEY_ID: 'x' }, ['a']));
    expect(hashOfSettings({}, [])).toBeUndefined();
    expect(() => hashOfSettings({ ...env, AWS_ROLE_ARN: 'pull' }, [])).toThrow(SettingsError);
  });
});
