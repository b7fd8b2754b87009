import { SettingsError } from '@ecr-anywhere/settings';
import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';

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
  it('need nothing but a region', () => {
    expect(readConfig({ AWS_REGION: 'eu-west-1' })).toMatchObject({
      port: 8443,
      probePort: 8081,
      paths: ['/sync'],
      certFile: '/etc/webhook/certs/tls.crt',
      keyFile: '/etc/webhook/certs/tls.key',
      caFile: '/etc/webhook/certs/ca.crt',
      threshold: 6 * HOUR,
      tokenReuse: HOUR,
      aws: { region: 'eu-west-1' },
    });
  });

  it('take AWS_DEFAULT_REGION too, as the AWS CLI does', () => {
    expect(readConfig({ AWS_DEFAULT_REGION: 'eu-west-1' }).aws.region).toBe('eu-west-1');
  });

  it('tell every mistake at once, each with its variable', () => {
    const mistakes = mistakesOf({
      PORT: 'https',
      TOKEN_REUSE: '60',
      REGISTRY_HOSTS: 'https://mirror.example.com/path',
      WEBHOOK_PATH: 'sync',
      PEER_URL: 'http://peer',
      LOG_LEVEL: 'loud',
    });
    for (const name of [
      'PORT',
      'TOKEN_REUSE',
      'REGISTRY_HOSTS',
      'WEBHOOK_PATH',
      'PEER_URL',
      'LOG_LEVEL',
      'AWS_REGION',
    ]) {
      expect(mistakes.filter((mistake) => mistake.startsWith(`${name}: `))).toHaveLength(1);
    }
  });

  it('are refused where no token could meet the threshold', () => {
    expect(mistakesOf({ AWS_REGION: 'eu-west-1', REFRESH_THRESHOLD: '11h' })).toEqual([
      expect.stringContaining('expected less than 10h30m'),
    ]);
  });

  it('name the AWS variable that is wrong', () => {
    expect(mistakesOf({ AWS_REGION: 'eu-west-1', AWS_ROLE_ARN: 'pull' }).join()).toContain('AWS_ROLE_ARN');
  });

  it('make a fingerprint that follows region, role and hosts, and no key', () => {
    const hash = (env: Record<string, string>) => readConfig({ AWS_REGION: 'eu-west-1', ...env }).configHash;
    const role = { AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/pull' };
    expect(
      new Set([
        hash({}),
        hash({ AWS_REGION: 'eu-west-2' }),
        hash(role),
        hash({ REGISTRY_HOSTS: 'a.example' }),
      ]).size,
    ).toBe(4);
    expect(hash({ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' })).toBe(hash({}));
  });
});
