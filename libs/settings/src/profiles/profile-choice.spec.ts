import { describe, expect, it } from '@jest/globals';
import { ANNOTATIONS, readEnds, writeEnds } from '@ecr-anywhere/secret-scan';
import { readAws } from '../aws-settings.ts';
import {
  chooseProfiles,
  expectedHash,
  isProfileName,
  MOST_CREDENTIALS,
  type ProfileRequest,
} from './profile-choice.ts';
import { profilesOfFile } from './profiles-file.ts';
import { profilesFrom, type Profile } from './profiles.ts';

const ENV = { AWS_REGION: 'eu-west-1' };

interface Given {
  readonly name: string;
  readonly namespaces?: readonly string[];
  readonly role?: string;
  readonly regions?: readonly string[];
  readonly hosts?: readonly string[];
}

function fileOf(given: readonly Given[]) {
  return {
    profiles: given.map(({ name, namespaces, role, regions = ['eu-west-1'], hosts = [] }) => ({
      name,
      ...(namespaces && { namespaces }),
      ...(name !== 'default' && { regions, hosts }),
      ...(role !== undefined && { identity: { roles: [{ arn: role }] } }),
    })),
  };
}

function profilesOf(given: readonly Given[], env: Record<string, string> = ENV): readonly Profile[] {
  return profilesOfFile(fileOf(given), readAws(env).settings(), []);
}

const roleOf = (account: string, name = 'pull') => `arn:aws:iam::${account}:role/${name}`;
const A = { name: 'team-a', namespaces: ['team-a', 'shared'], role: roleOf('111111111111') };
const B = { name: 'team-b', namespaces: ['team-b-*', 'shared'], role: roleOf('222222222222') };

const secret = (namespace: string, profile?: string): ProfileRequest => ({
  namespace,
  metadata: { annotations: profile === undefined ? {} : { [ANNOTATIONS.profile]: profile } },
});

function namesOf(profiles: readonly Profile[], namespace: string, profile?: string) {
  const choice = chooseProfiles(profiles, secret(namespace, profile));
  return choice.kind === 'chosen' ? choice.profiles.map(({ name }) => name) : choice.message;
}

describe('the profiles of a Secret', () => {
  it('are those that its annotation names, in the order of their names, each once', () => {
    const profiles = profilesOf([A, B]);
    expect(namesOf(profiles, 'team-a', 'team-a')).toEqual(['team-a']);
    expect(namesOf(profiles, 'team-b-prod', ' team-b ')).toEqual(['team-b']);
    expect(namesOf(profiles, 'shared', 'team-b, team-a,team-b')).toEqual(['team-a', 'team-b']);
  });

  it('are the default one without the annotation, in any namespace, unless the file limits it', () => {
    expect(namesOf(profilesOf([A]), 'anywhere')).toEqual(['default']);
    const limited = profilesOf([{ name: 'default', namespaces: ['team-*'] }, A]);
    expect(namesOf(limited, 'team-z')).toEqual(['default']);
    expect(namesOf(limited, 'other')).toBe(
      'The Secret names no profile of ECR Anywhere, and this namespace has no default one; ' +
        'it may use none: ask the administrator of ECR Anywhere to add it to the namespaces of a profile',
    );
  });

  it('must be named if the environment has no region, and the refusal names those that the namespace may use', () => {
    const profiles = profilesOf([A, B], {});
    expect(namesOf(profiles, 'team-a')).toBe(
      'The Secret names no profile of ECR Anywhere, and this namespace has no default one; ' +
        `set ${ANNOTATIONS.profile} to one that it may use: team-a`,
    );
  });

  it('must all allow the namespace; the refusal names the one that does not, and never a profile of others', () => {
    const profiles = profilesOf([A, B], {});
    const message =
      'This namespace may not use the profile team-b of ECR Anywhere, or there is none of this name; ' +
      `set ${ANNOTATIONS.profile} to one that it may use: team-a`;
    expect(namesOf(profiles, 'team-a', 'team-b')).toBe(message);
    expect(namesOf(profiles, 'team-a', 'team-a,team-b')).toBe(message);
    expect(namesOf(profiles, 'team-a', 'secret-project')).toBe(message.replace('team-b', 'secret-project'));
  });

  it('may be used by nobody if the file names no namespaces', () => {
    const profiles = profilesOf([
      { ...A, namespaces: undefined } as unknown as Given,
      { ...B, namespaces: [] },
    ]);
    expect(namesOf(profiles, 'team-a', 'team-a')).toContain('may not use the profile team-a');
    expect(namesOf(profiles, 'team-b-prod', 'team-b')).toContain('may not use the profile team-b');
  });

  it.each([
    '',
    ',',
    'team-a,',
    'Team-A',
    'team_a',
    '../team-a',
    '1',
    '*',
    'team-a team-b',
    't\u0435am-a', // a Cyrillic e
    'team-a\uff0cdefault', // a full-width comma
    'team-a\u200b',
    'team-a\0',
    'team-a,,default',
    '__proto__',
    'a'.repeat(41),
    'team-a,'.repeat(10_000),
  ])('are refused in an annotation of another form, which the message does not quote: %.20j', (text) => {
    const message = namesOf(profilesOf([A]), 'team-a', text);
    expect(message).toMatch(
      /^The annotation ecr-anywhere.centml.ai\/profile is not a list of names of profiles/,
    );
    expect(message).toMatch(/one that it may use: default, team-a$/);
    expect(message.length).toBeLessThan(400);
  });

  it('that may be used are named up to a limit', () => {
    const many = Array.from({ length: 99 }, (_, index) => ({ ...A, name: `${'p'.repeat(37)}${index}` }));
    const message = namesOf(profilesOf(many, {}), 'team-a', 'x'.repeat(40));
    expect(message).toMatch(/, and 79 more$/);
    expect(message.length).toBeLessThan(1_200);
  });

  it('must not have a host in common: the refusal names both', () => {
    const hosts = ['mirror.example.com'];
    const profiles = profilesOf([
      { ...A, hosts },
      { ...B, hosts },
    ]);
    expect(namesOf(profiles, 'shared', 'team-a')).toEqual(['team-a']);
    expect(namesOf(profiles, 'shared', 'team-a,team-b')).toBe(
      'The profiles team-a and team-b of ECR Anywhere both have credentials for mirror.example.com, and a Secret has room ' +
        `for one; leave one of them out of the annotation ${ANNOTATIONS.profile}`,
    );
  });

  it('must not have the own registry in common, as far as roles and hosts tell it', () => {
    const both =
      'team-a and team-b of ECR Anywhere both have credentials for the registry of the account 111111111111 in eu-west-1';
    const sameAccount = profilesOf([A, { ...B, role: roleOf('111111111111', 'other') }]);
    expect(namesOf(sameAccount, 'shared', 'team-a,team-b')).toContain(both);
    const listed = profilesOf([A, { ...B, hosts: ['111111111111.dkr.ecr.eu-west-1.amazonaws.com'] }]);
    expect(namesOf(listed, 'shared', 'team-a,team-b')).toContain(both);
    const elsewhere = profilesOf([A, { ...A, name: 'team-b', regions: ['eu-west-2'] }]);
    expect(namesOf(elsewhere, 'shared', 'team-a,team-b')).toEqual(['team-a', 'team-b']);
  });

  it('may list their own registry', () => {
    const profiles = profilesOf([{ ...A, hosts: ['111111111111.dkr.ecr.eu-west-1.amazonaws.com'] }]);
    expect(namesOf(profiles, 'team-a', 'team-a')).toEqual(['team-a']);
  });

  it('are at most as many as one annotation can tell the ends of', () => {
    const regions = Array.from({ length: 10 }, (_, index) => `eu-${index}`);
    const several = ['a', 'b', 'c', 'd'].map((name, index) => ({
      ...A,
      name,
      regions,
      role: roleOf(`${index}`.repeat(12)),
    }));
    const profiles = profilesOf(several);
    expect(namesOf(profiles, 'team-a', 'a,b,c')).toEqual(['a', 'b', 'c']);
    expect(namesOf(profiles, 'team-a', 'a,b,c,d')).toBe(
      'The profiles of this Secret have 40 regions together, and a Secret has room for 30; ' +
        `name fewer profiles in the annotation ${ANNOTATIONS.profile}`,
    );
    const longest = Array.from({ length: MOST_CREDENTIALS }, (_, index) => {
      const name = 'p'.repeat(40 - String(index).length) + index;
      expect(isProfileName(name)).toBe(true);
      return [`${name}/${'r'.repeat(63)}`, Date.UTC(2026, 0)] as const;
    });
    const text = writeEnds(new Map(longest));
    expect(readEnds({ annotations: { [ANNOTATIONS.expiresAtEach]: text } })?.size).toBe(MOST_CREDENTIALS);
  });

  it('have at most a hundred hosts together', () => {
    const hosts = (name: string) => Array.from({ length: 20 }, (_, index) => `${name}${index}.example.com`);
    const several = ['a', 'b', 'c', 'd', 'e'].map((name, index) => ({
      ...A,
      name,
      hosts: hosts(name),
      role: roleOf(`${index}`.repeat(12)),
    }));
    expect(namesOf(profilesOf(several), 'team-a', 'a,b,c,d')).toHaveLength(4);
    expect(namesOf(profilesOf(several), 'team-a', 'a,b,c,d,e')).toContain('105 registry hosts together');
  });
});

describe('the hash of a Secret with profiles', () => {
  const hash = (profiles: readonly Profile[], profile?: string, namespace = 'shared') =>
    expectedHash(profiles, secret(namespace, profile));

  it('stays the same when the first profile is added: no Secret becomes due', () => {
    const before = expectedHash(profilesFrom(readAws(ENV).settings(), []), secret('shared'));
    expect(before).toBe(expectedHash(profilesOf([A]), secret('shared')));
    expect(before).toBe(hash(profilesOf([{ name: 'default', namespaces: ['*'] }, A, B])));
  });

  it('follows identity, regions and hosts of its own profile, and nothing of the others', () => {
    const profiles = profilesOf([A, B]);
    const changes: Given[] = [
      { ...A, role: roleOf('333333333333') },
      { ...A, regions: ['eu-west-2'] },
      { ...A, hosts: ['mirror.example.com'] },
    ];
    for (const change of changes) {
      expect(hash(profilesOf([change, B]), 'team-a')).not.toBe(hash(profiles, 'team-a'));
      expect(hash(profilesOf([change, B]), 'team-a,team-b')).not.toBe(hash(profiles, 'team-a,team-b'));
      expect(hash(profilesOf([change, B]), 'team-b')).toBe(hash(profiles, 'team-b'));
    }
  });

  it('does not follow the namespaces, the order in the file or in the annotation', () => {
    const profiles = profilesOf([A, B]);
    expect(hash(profilesOf([{ ...A, namespaces: ['*'] }]), 'team-a')).toBe(hash(profiles, 'team-a'));
    expect(hash(profilesOf([B, A]), 'team-b,team-a')).toBe(hash(profiles, 'team-a,team-b'));
  });

  it('is unknown if the Secret has no profile', () => {
    expect(hash(profilesOf([A]), 'team-a', 'other')).toBeUndefined();
  });
});
