import { SettingsError } from '@ecr-anywhere/settings';
import { describe, expect, it } from '@jest/globals';
import { readConfig, type Config } from './config.ts';

const HOUR = 3_600_000;

function mistakesOf(env: Record<string, string>): readonly string[] {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof SettingsError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('the settings of the webhook', () => {
  it('are complete with only a region', () => {
    const config = readConfig({ AWS_REGION: 'eu-west-1' });
    expect(config.profiles.read()).toMatchObject([
      { name: 'default', targets: [{ client: { region: 'eu-west-1' }, hosts: [] }] },
    ]);
    expect(config).toMatchObject({
      port: 8443,
      probePort: 8081,
      listenAddress: undefined,
      paths: ['/sync'],
      certFile: '/etc/webhook/certs/tls.crt',
      keyFile: '/etc/webhook/certs/tls.key',
      caFile: '/etc/webhook/certs/ca.crt',
      threshold: 6 * HOUR,
      tokenReuse: HOUR,
      dockerConfigFields: 'auth',
      profiles: { file: undefined },
      rules: { secretNames: [], refresher: undefined },
    });
  });

  it('may name the Secrets that are managed, and the service account of the refresher', () => {
    const refresher = 'system:serviceaccount:ecr-anywhere:ecr-anywhere-refresher';
    const env = { AWS_REGION: 'eu-west-1', SECRET_NAMES: 'pull,other.pull', REFRESHER_USER: refresher };
    expect(readConfig(env).rules).toEqual({ secretNames: ['pull', 'other.pull'], refresher });
    expect(mistakesOf({ ...env, REFRESHER_USER: 'ecr-anywhere-refresher' })).toEqual([
      expect.stringMatching(/^REFRESHER_USER: expected a service account/),
    ]);
  });

  it('may ask for username and password beside auth, without another hash: no Secret becomes due', () => {
    const env = { AWS_REGION: 'eu-west-1', DOCKER_CONFIG_FIELDS: 'username,password,auth' };
    const { dockerConfigFields, profiles } = readConfig(env);
    expect(dockerConfigFields).toBe('username,password,auth');
    const hashOf = ({ read }: Config['profiles']) => read()[0]?.hash;
    expect(hashOf(profiles)).toBe(hashOf(readConfig({ AWS_REGION: 'eu-west-1' }).profiles));
    expect(mistakesOf({ ...env, DOCKER_CONFIG_FIELDS: 'password' })).toEqual([
      expect.stringMatching(/^DOCKER_CONFIG_FIELDS: expected auth or username,password,auth/),
    ]);
  });

  it('accept AWS_DEFAULT_REGION, as the AWS CLI does', () => {
    const [profile] = readConfig({ AWS_DEFAULT_REGION: 'eu-west-1' }).profiles.read();
    expect(profile?.targets[0].client.region).toBe('eu-west-1');
  });

  it('report every mistake at once, each with its variable', () => {
    const mistakes = mistakesOf({
      PORT: 'https',
      TOKEN_REUSE: '60',
      REGISTRY_HOSTS: 'https://mirror.example.com/path',
      WEBHOOK_PATH: 'sync',
      LISTEN_ADDRESS: 'localhost',
      PEER_URL: 'http://peer',
      PEER_SERVER_NAME: 'https://peer',
      LOG_LEVEL: 'loud',
    });
    for (const name of [
      'PORT',
      'TOKEN_REUSE',
      'REGISTRY_HOSTS',
      'WEBHOOK_PATH',
      'LISTEN_ADDRESS',
      'PEER_URL',
      'PEER_SERVER_NAME',
      'LOG_LEVEL',
      'AWS_REGION',
    ]) {
      expect(mistakes.filter((mistake) => mistake.startsWith(`${name}: `))).toHaveLength(1);
    }
  });

  it.each(['/', '//', '/instance', '/Instance/', '/sync,/instance'])(
    'refuse %s as path of reviews, since replicas ask each other there',
    (path) => {
      expect(mistakesOf({ AWS_REGION: 'us-east-1', WEBHOOK_PATH: path })).toEqual([
        `WEBHOOK_PATH: expected another path than ${path.replace('/sync,', '')}, since replicas ask each other at /instance`,
      ]);
    },
  );

  it('report every mistake among the AWS variables, and a missing region', () => {
    const mistakes = mistakesOf({
      AWS_ROLE_ARN: 'pull',
      AWS_ROLE_DURATION_SECONDS: '1h',
      AWS_USE_FIPS_ENDPOINT: 'yes',
    });
    for (const name of ['AWS_ROLE_ARN', 'AWS_ROLE_DURATION_SECONDS', 'AWS_USE_FIPS_ENDPOINT', 'AWS_REGION']) {
      expect(mistakes.filter((mistake) => mistake.startsWith(name))).toHaveLength(1);
    }
    expect(mistakes).toHaveLength(4);
  });

  describe('are refused if they contradict each other', () => {
    const region = { AWS_REGION: 'eu-west-1' };

    it('as a threshold that no token can meet', () => {
      expect(mistakesOf({ ...region, REFRESH_THRESHOLD: '11h' })).toEqual([
        expect.stringContaining('expected less than 10h30m'),
      ]);
    });

    it('as one port for reviews and for probes', () => {
      expect(mistakesOf({ ...region, PORT: '8081' })).toEqual([
        'PROBE_PORT: expected another port than PORT, not 8081',
      ]);
      expect(mistakesOf({ ...region, PORT: '0', PROBE_PORT: '0' })).toEqual([]);
    });

    it('as a registry of another region than the token, even if the role is malformed', () => {
      expect(
        mistakesOf({ ...region, REGISTRY_HOSTS: '111122223333.dkr.ecr.us-east-1.amazonaws.com' }),
      ).toEqual([expect.stringMatching(/^REGISTRY_HOSTS: .*us-east-1.*eu-west-1/)]);
      const role = { AWS_ROLE_ARN: 'pull' };
      expect(
        mistakesOf({ ...region, ...role, REGISTRY_HOSTS: '111122223333.dkr.ecr.us-east-1.amazonaws.com' }),
      ).toEqual([expect.stringMatching(/^REGISTRY_HOSTS: /), expect.stringMatching(/^AWS_ROLE_ARN /)]);
    });

    it('even if other settings are wrong as well', () => {
      const mistakes = mistakesOf({ ...region, REFRESH_THRESHOLD: '11h', PORT: '8081', LOG_LEVEL: 'loud' });
      expect(mistakes.map((mistake) => mistake.split(':')[0])).toEqual([
        'LOG_LEVEL',
        'PROBE_PORT',
        'REFRESH_THRESHOLD',
      ]);
    });
  });

  it('make a profile of the role and the registry hosts', () => {
    const [profile] = readConfig({
      AWS_REGION: 'eu-west-1',
      AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/pull',
      REGISTRY_HOSTS: 'mirror.example.com',
    }).profiles.read();
    expect(profile?.targets).toEqual([
      expect.objectContaining({
        identity: expect.objectContaining({
          roles: [expect.objectContaining({ roleArn: 'arn:aws:iam::111122223333:role/pull' })],
        }),
        hosts: ['mirror.example.com'],
      }),
    ]);
  });

  it('need no region with a file of profiles, which has its own', () => {
    const { profiles } = readConfig({ PROFILES_FILE: '/profiles.yaml' });
    expect(profiles.file).toBe('/profiles.yaml');
    const text = 'profiles:\n  - { name: team-a, region: us-east-1 } # a comment\n';
    expect(profiles.read(text).map(({ name }) => name)).toEqual(['team-a']);
  });
});
