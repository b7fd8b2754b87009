import { describe, expect, it } from '@jest/globals';
import { readAws } from '../aws-settings.ts';
import { chooseProfiles, expectedHash } from './profile-choice.ts';
import { profilesFrom } from './profiles.ts';

const SECRET = { metadata: { name: 'pull', annotations: {} }, namespace: 'blue' };
const REGION = { AWS_REGION: 'eu-west-1' };
const ROLE = { AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/pull' };

function profilesOf(env: Record<string, string>, hosts: readonly string[] = []) {
  return profilesFrom(
    readAws(env).settings(),
    hosts.map((host) => ({ host })),
  );
}

describe('the profile of a Secret', () => {
  it('is the default profile, which the environment makes', () => {
    const choice = chooseProfiles(profilesOf({ ...REGION, ...ROLE }, ['mirror.example.com']), SECRET);
    expect(choice).toMatchObject({
      kind: 'chosen',
      profiles: [
        {
          name: 'default',
          namespaces: 'all',
          targets: [{ client: { region: 'eu-west-1' }, hosts: ['mirror.example.com'] }],
        },
      ],
    });
  });

  it('has a target for each region, that of the home region first, and each host gets its token', () => {
    const env = { AWS_REGIONS: 'us-east-1,eu-west-1', AWS_REGION: 'eu-west-1' };
    const hosts = [
      { host: 'mirror.example.com' },
      { host: 'other.example.com', region: 'us-east-1' },
      { host: '444455556666.dkr.ecr.us-east-1.amazonaws.com' },
    ];
    const [profile] = profilesFrom(readAws(env).settings(), hosts);
    const [home, other] = profile!.targets;
    expect(profile!.targets).toHaveLength(2);
    expect(home).toMatchObject({ client: { region: 'eu-west-1' }, hosts: ['mirror.example.com'] });
    expect(other).toMatchObject({
      client: { region: 'us-east-1' },
      hosts: ['other.example.com', '444455556666.dkr.ecr.us-east-1.amazonaws.com'],
    });
  });

  it('asks STS in the home region for all regions, or where AWS_STS_REGION says', () => {
    const env = { ...ROLE, AWS_REGIONS: 'us-east-1,eu-west-1' };
    const regions = (more: Record<string, string>) =>
      profilesOf({ ...env, ...more })[0]!.targets.map(({ identity }) => identity.stsRegion);
    expect(regions({})).toEqual(['us-east-1', 'us-east-1']);
    expect(regions({ AWS_STS_REGION: 'eu-west-2' })).toEqual(['eu-west-2', 'eu-west-2']);
  });

  it('is the same object as in the list, with all its other fields', () => {
    const profiles = profilesOf(REGION).map((profile) => ({ ...profile, tokens: 'of this profile' }));
    expect(chooseProfiles(profiles, SECRET)).toMatchObject({ profiles: [{ tokens: 'of this profile' }] });
  });

  it('does not exist if the environment names no region, and the refusal says what to do', () => {
    expect(chooseProfiles(profilesOf({}), SECRET)).toEqual({
      kind: 'refused',
      message:
        'The Secret names no profile of ECR Anywhere, and this namespace has no default one; ' +
        'it may use none: ask the administrator of ECR Anywhere to add it to the namespaces of a profile',
    });
    expect(expectedHash(profilesOf({}), SECRET)).toBeUndefined();
  });
});

describe('the hash of the default profile', () => {
  const hash = (env: Record<string, string>, hosts?: readonly string[]) =>
    expectedHash(profilesOf({ ...REGION, ...env }, hosts), SECRET);

  it('stays the same from version to version', () => {
    // Another value here would make every Secret of every installation due after an upgrade.
    expect(expectedHash(profilesOf({ AWS_REGION: 'us-east-1' }), SECRET)).toBe(
      'ebc740d60e01a68e3a6e9056fb7b01aa7249da6b9aed1aefb61ce4c3e3874af4',
    );
    expect(hash(ROLE, ['b.example', 'a.example'])).toBe(
      '4d04f1a819186660b39dd24aec9819dc768128ff75c12872ea85cda295fe300f',
    );
  });

  it('follows the region, the role and the hosts', () => {
    const hashes = [hash({}), hash({ AWS_REGION: 'eu-west-2' }), hash(ROLE), hash({}, ['a.example'])];
    expect(new Set(hashes).size).toBe(4);
  });

  it('of one region in AWS_REGIONS is that of the region alone', () => {
    const only = expectedHash(profilesOf({ AWS_REGIONS: 'eu-west-1' }, ['a.example']), SECRET);
    expect(only).toBe(hash({}, ['a.example']));
  });

  it('of several regions follows all of them, in any order', () => {
    const of = (AWS_REGIONS: string) => expectedHash(profilesOf({ AWS_REGIONS }), SECRET);
    expect(of('us-east-1,eu-west-1')).toBe(of('eu-west-1,us-east-1'));
    expect(new Set([of('eu-west-1'), of('eu-west-1,us-east-1'), of('eu-west-1,us-east-2')]).size).toBe(3);
  });

  it('does not depend on keys', () => {
    expect(hash({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' })).toBe(hash({}));
  });
});
