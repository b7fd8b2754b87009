import { describe, expect, it } from '@jest/globals';
import { readAws } from '../aws-settings.ts';
import { MOST_PROFILE_BYTES, profilesOfFile } from './profiles-file.ts';
import { SettingsError } from '../settings-error.ts';

const ROLE = 'arn:aws:iam::111111111111:role/pull';
const HUB = 'arn:aws:iam::999999999999:role/hub';

function read(profiles: unknown, env: Record<string, string> = { AWS_REGION: 'eu-west-1' }) {
  return profilesOfFile({ profiles }, readAws(env).settings(), []);
}

function mistakesOf(content: unknown, env: Record<string, string> = {}): readonly string[] {
  try {
    profilesOfFile(content, readAws(env).settings(), []);
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}
const mistakesIn = (fields: object) =>
  mistakesOf({ profiles: [{ name: 'team-a', region: 'eu-west-1', ...fields }] });

describe('the file of profiles', () => {
  it('adds its profiles, in its order, to the default one', () => {
    const profiles = read([
      { name: 'team-b', region: 'us-east-1', namespaces: ['team-b'] },
      { name: 'team-a', regions: ['eu-west-1', 'us-east-1'], hosts: ['mirror.example.com=us-east-1'] },
    ]);
    expect(profiles.map(({ name, namespaces }) => [name, namespaces])).toEqual([
      ['default', 'all'],
      ['team-b', ['team-b']],
      ['team-a', []],
    ]);
    expect(profiles[2]?.targets.map(({ client, hosts }) => [client.region, hosts])).toEqual([
      ['eu-west-1', []],
      ['us-east-1', ['mirror.example.com']],
    ]);
  });

  it('may limit the default profile, and leaves it as it is otherwise', () => {
    const [unlimited] = read([]);
    const [limited, ...others] = read([{ name: 'default', namespaces: ['team-*'] }]);
    expect(others).toEqual([]);
    expect(limited).toEqual({ ...unlimited, namespaces: ['team-*'] });
  });

  it('may be the only source of profiles', () => {
    expect(read([{ name: 'team-a', region: 'eu-west-1' }], {}).map(({ name }) => name)).toEqual(['team-a']);
    expect(mistakesOf({ profiles: [] })).toEqual([
      'profiles: expected a profile, or a region in the environment (AWS_REGION)',
    ]);
    expect(mistakesOf({ profiles: [{ name: 'default', namespaces: [] }] })).toEqual([
      'profile default: expected a region in the environment (AWS_REGION), which makes it',
      'profiles: expected a profile, or a region in the environment (AWS_REGION)',
    ]);
  });

  it.each([
    ['nothing', null, 'Invalid input: expected object, received null'],
    ['a text', 'canary', 'Invalid input: expected object, received string'],
    ['a map', { profiles: { 'team-a': {} } }, 'profiles: Invalid input: expected array, received object'],
    ['another field', { profiles: [], canary: 1 }, 'expected no other fields than profiles'],
    [
      'too many profiles',
      { profiles: Array.from({ length: 101 }, (_, i) => ({ name: `p${i}`, region: 'eu-west-1' })) },
      'profiles: Too big: expected array to have <=100 items',
    ],
    ['no name', { profiles: [{ region: 'eu-west-1' }] }, /^profile number 1: name: /],
    [
      'a wrong name',
      { profiles: [{ name: 'Canary', region: 'eu-west-1' }] },
      /^profile number 1: name: expected at most 40/,
    ],
  ])('is refused if it is %s', (_, content, message) => {
    const [mistake, ...others] = mistakesOf(content);
    expect(mistake).toMatch(message);
    expect(others).toEqual([]);
    expect(mistake).not.toMatch(/canary/i);
  });

  it.each([
    [
      { identity: { accessKeyId: 'canary' } },
      'identity: expected no other fields than keysDirectory, webIdentityTokenFile, roles',
    ],
    [{ canary: 'x' }, 'expected no other fields than name, namespaces, identity, region, regions, hosts'],
    [
      { identity: { roles: [{ arn: ROLE, canary: 1 }] } },
      'identity.roles[0]: expected no other fields than arn, externalId, sessionName, duration',
    ],
    [
      { identity: { roles: [{ arn: 'canary' }] } },
      'identity.roles[0].arn: is not the ARN of a role, such as arn:aws:iam::111122223333:role/pull',
    ],
    [{ identity: { roles: [{ arn: '' }] } }, 'identity.roles[0].arn: expected the ARN of a role'],
    [
      { identity: { roles: [{ arn: ROLE, duration: '10m' }] } },
      'identity.roles[0].duration: expected a duration from 15m to 12h, such as 1h',
    ],
    [
      { identity: { roles: [{ arn: ROLE, duration: 'canary' }] } },
      'identity.roles[0].duration: expected a duration from 15m to 12h, such as 1h',
    ],
    [
      { identity: { roles: [{ arn: HUB }, { arn: ROLE, duration: '2h' }] } },
      'identity.roles: expected a duration of at most 1h for a role that is assumed from another role',
    ],
    [
      { identity: { roles: [{ arn: ROLE, externalId: 'a b' }] } },
      'identity.roles[0].externalId: needs 2 to 1224 letters, digits or any of _+=,.@:/-',
    ],
    ...['', ' canary', 'canary\n'].flatMap((text) =>
      ['externalId', 'sessionName'].map((field): [object, string] => [
        { identity: { roles: [{ arn: ROLE, [field]: text }] } },
        `identity.roles[0].${field}: expected a text without white space around it; leave the field out if there is none`,
      ]),
    ),
    [
      { identity: { webIdentityTokenFile: '/t', roles: [{ arn: ROLE, externalId: 'canary' }] } },
      'identity.roles: expected no externalId in the first role: AWS takes none with a web identity token',
    ],
    [{ identity: { keysDirectory: '/keys\n' } }, 'identity.keysDirectory: expected an absolute path'],
    [{ region: 'eu-west-1\n' }, 'region: expected the name of a region, such as eu-west-1'],
    [
      { identity: { webIdentityTokenFile: '/token' } },
      'identity.roles: expected the role that is assumed with the web identity token',
    ],
    [{ identity: { keysDirectory: 'keys' } }, 'identity.keysDirectory: expected an absolute path'],
    [
      { identity: { keysDirectory: '/k', webIdentityTokenFile: '/t', roles: [{ arn: ROLE }] } },
      'identity.keysDirectory: expected no webIdentityTokenFile beside it; leave one of them out',
    ],
    [
      { identity: { roles: Array.from({ length: 6 }, () => ({ arn: ROLE })) } },
      'identity.roles: Too big: expected array to have <=5 items',
    ],
    [{ region: 'Canary!' }, 'region: expected the name of a region, such as eu-west-1'],
    [
      { region: undefined },
      'regions: expected either region or regions, with the regions in the names of the images',
    ],
    [
      { regions: ['eu-west-1'] },
      'regions: expected either region or regions, with the regions in the names of the images',
    ],
    [
      { region: undefined, regions: Array.from({ length: 21 }, (_, i) => `eu-${i}`) },
      'regions: Too big: expected array to have <=20 items',
    ],
    [
      { hosts: ['https://canary'] },
      'hosts[0]: expected a host without scheme and path: mirror.example.com:5000 or HOST=REGION',
    ],
    [
      { hosts: Array.from({ length: 21 }, (_, i) => `h${i}.example`) },
      'hosts: Too big: expected array to have <=20 items',
    ],
    [
      { hosts: ['public.ecr.aws'] },
      /^hosts: public.ecr.aws is ECR Public.*; name mirrors, and registries of the profile's regions$/,
    ],
    [{ hosts: ['a.example=us-east-1'] }, /^hosts: a.example=us-east-1 names a region that is not served/],
    [
      { namespaces: ['/team-.*/'] },
      'namespaces[0]: expected names of namespaces, in which * stands for any characters, such as team-a or team-b-*',
    ],
    [
      { namespaces: Array.from({ length: 201 }, () => 'a') },
      'namespaces: Too big: expected array to have <=200 items',
    ],
  ] as [object, string | RegExp][])('names the profile, the field and what to do: %j', (fields, message) => {
    const [mistake = '', ...others] = mistakesIn(fields);
    expect(mistake).toMatch(/^profile team-a: /);
    const text = mistake.slice('profile team-a: '.length);
    if (typeof message === 'string') expect(text).toBe(message);
    else expect(text).toMatch(message);
    expect(others).toEqual([]);
    expect(text).not.toMatch(/canary/i);
  });

  it('leaves the default profile to the environment', () => {
    const mistakes = mistakesOf({ profiles: [{ name: 'default', region: 'eu-west-1', hosts: [] }] });
    expect(mistakes).toEqual(
      ['region', 'hosts'].map(
        (field) =>
          `profile default: ${field}: expected only namespaces for the profile default: the environment makes it (AWS_REGION, AWS_ROLE_ARN, REGISTRY_HOSTS)`,
      ),
    );
  });

  it('has each host of a profile for one region', () => {
    const hosts = ['a.example', 'b.example', 'A.example=us-east-1', 'b.example=eu-west-1'];
    expect(mistakesIn({ region: undefined, regions: ['eu-west-1', 'us-east-1'], hosts })).toEqual([
      'profile team-a: hosts: a.example is there for eu-west-1 and us-east-1; keep one of them',
    ]);
  });

  it('has at most 200 regions in all profiles together', () => {
    const regions = Array.from({ length: 20 }, (_, i) => `eu-west-${i}`);
    const profiles = Array.from({ length: 10 }, (_, i) => ({ name: `p${i}`, regions }));
    expect(mistakesOf({ profiles })).toEqual([]);
    expect(mistakesOf({ profiles: [...profiles, { name: 'one-more', region: 'eu-west-1' }] })).toEqual([
      'profiles: expected at most 200 regions in all profiles together, not 201; remove profiles or regions',
    ]);
  });

  it('has each name once', () => {
    const one = { name: 'team-a', region: 'eu-west-1' };
    expect(mistakesOf({ profiles: [one, one, one] })).toEqual([
      'profile team-a: expected each name once; rename one of the two profiles',
    ]);
  });

  it('has an error of limited length', () => {
    const mistakes = mistakesOf({ profiles: Array.from({ length: 100 }, () => ({})) });
    expect(mistakes).toHaveLength(21);
    expect(mistakes[20]).toMatch(/^and \d+ more mistakes in the profiles$/);
  });

  it('may be as large as a hundred profiles with many namespaces', () => {
    const profiles = Array.from({ length: 100 }, (_, i) => ({
      name: `p${i}`,
      region: 'eu-west-1',
      identity: { roles: [{ arn: ROLE, externalId: 'x'.repeat(64) }] },
      namespaces: Array.from({ length: 100 }, (_, j) => `team-${i}-${j}-*`),
    }));
    const content = { profiles };
    expect(JSON.stringify(content, undefined, 1).length).toBeLessThan(MOST_PROFILE_BYTES);
    expect(mistakesOf(content)).toEqual([]);
  });
});

describe('the identity of a profile', () => {
  const identityOf = (identity: object | undefined, env: Record<string, string> = {}) => {
    const [profile] = read([{ name: 'team-a', region: 'eu-west-1', ...(identity && { identity }) }], env);
    return profile!.targets[0].identity;
  };

  it('is that of the program if it names none', () => {
    expect(identityOf(undefined, { AWS_ROLE_ARN: HUB })).toMatchObject({
      kind: 'default',
      roles: [{ roleArn: HUB }],
    });
  });

  it('is a role that is assumed from the identity of the program', () => {
    const roles = [{ arn: ROLE, externalId: 'customer-7', sessionName: 'team-a', duration: '30m' }];
    const identity = identityOf({ roles }, { AWS_ROLE_ARN: HUB, AWS_STS_REGION: 'eu-west-2' });
    expect(identity).toMatchObject({ kind: 'default', stsRegion: 'eu-west-2' });
    expect(identity.roles).toMatchObject([
      { roleArn: HUB },
      { roleArn: ROLE, externalId: 'customer-7', sessionName: 'team-a', durationSeconds: 1_800 },
    ]);
  });

  it('may be a chain of roles, with the session name of the program', () => {
    const identity = identityOf(
      { roles: [{ arn: HUB }, { arn: ROLE }] },
      { AWS_ROLE_SESSION_NAME: 'cluster-1' },
    );
    expect(identity.roles).toMatchObject([
      { roleArn: HUB, sessionName: 'cluster-1' },
      { roleArn: ROLE, sessionName: 'cluster-1' },
    ]);
  });

  it('has a session of at most 1h for its first role if the program assumes a role itself', () => {
    const mistakesWith = (identity: object, env: Record<string, string>) =>
      mistakesOf({ profiles: [{ name: 'team-a', region: 'eu-west-1', identity }] }, env);
    const roles = [{ arn: ROLE, duration: '1h1s' }];
    const tooLong = [
      'profile team-a: identity.roles[0].duration: expected a duration of at most 1h, because this role is assumed from the role in AWS_ROLE_ARN',
    ];
    expect(mistakesWith({ roles }, { AWS_ROLE_ARN: HUB })).toEqual(tooLong);
    expect(mistakesWith({ roles }, { AWS_ROLE_ARN: HUB, AWS_WEB_IDENTITY_TOKEN_FILE: '/token' })).toEqual(
      tooLong,
    );
    expect(mistakesWith({ roles: [{ arn: ROLE, duration: '1h' }] }, { AWS_ROLE_ARN: HUB })).toEqual([]);
    expect(mistakesWith({ roles }, {})).toEqual([]);
    expect(mistakesWith({ roles, keysDirectory: '/keys' }, { AWS_ROLE_ARN: HUB })).toEqual([]);
    expect(mistakesWith({ roles, webIdentityTokenFile: '/token' }, { AWS_ROLE_ARN: HUB })).toEqual([]);
  });

  it('may be keys in a directory, and then has nothing of the program', () => {
    const env = { AWS_ROLE_ARN: HUB, AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'x' };
    expect(identityOf({ keysDirectory: '/keys/team-a' }, env)).toMatchObject({
      kind: 'keys-directory',
      directory: '/keys/team-a',
      roles: [],
    });
  });

  it('may be a web identity, and then has nothing of the program', () => {
    const identity = { webIdentityTokenFile: '/tokens/team-a', roles: [{ arn: ROLE }] };
    const planned = identityOf(identity, { AWS_ROLE_ARN: HUB });
    expect(planned).toMatchObject({ kind: 'web-identity', tokenFile: '/tokens/team-a' });
    expect(planned.roles).toMatchObject([{ roleArn: ROLE }]);
  });

  it('is a part of the hash: the roles, and where the first credentials come from', () => {
    const hash = (identity?: object) =>
      read([{ name: 'team-a', region: 'eu-west-1', ...(identity && { identity }) }], {})[0]!.hash;
    const hashes = [
      hash(),
      hash({ keysDirectory: '/keys/a' }),
      hash({ keysDirectory: '/keys/b' }),
      hash({ roles: [{ arn: ROLE }] }),
      hash({ roles: [{ arn: HUB }, { arn: ROLE }] }),
      hash({ webIdentityTokenFile: '/token', roles: [{ arn: ROLE }] }),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
