import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { profilesFrom, readAws, type Target } from '@ecr-anywhere/settings';
import { createMetrics } from '../operations/metrics.ts';
import { startEcrServer, type EcrServer } from '../testing/ecr-server.ts';
import { logLines } from '../testing/log-lines.ts';
import { createTokens } from './tokens.ts';

const HOUR = 3_600_000;
const USERS = { profiles: ['default', 'team-a'], region: 'eu-west-1' };
const SETTINGS = { tokenReuse: HOUR, threshold: 6 * HOUR, margin: HOUR / 2, awsTimeout: 15_000 };

const ENV = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIACANARY',
  AWS_SECRET_ACCESS_KEY: 'canary-secret',
};

function targetOf(env: Record<string, string>): Target {
  const [profile] = profilesFrom(readAws({ ...ENV, ...env }).settings(), []);
  return profile!.targets[0];
}

describe('the source of tokens', () => {
  let ecr: EcrServer;
  const env = { ...process.env };

  beforeAll(async () => {
    ecr = await startEcrServer();
  });

  afterAll(() => {
    process.env = env;
    ecr.stop();
  });

  it('logs the obtained identity once, and each renewal, and never a key or a password', async () => {
    const { log, lines } = logLines();
    const metrics = createMetrics();
    const target = targetOf({});
    const tokens = createTokens(
      { ...target, client: { ...target.client, endpoint: ecr.endpoint } },
      SETTINGS,
      { log, metrics: metrics.tokens(USERS), users: USERS },
    );
    await tokens.get();
    await tokens.get({ forceRefresh: true });
    tokens.close();

    expect(ecr.calls).toBe(2);
    const messages = lines.map((line) => JSON.parse(line) as { msg: string });
    expect(messages.filter(({ msg }) => msg === 'the ECR token was renewed')).toHaveLength(2);
    expect(messages.filter(({ msg }) => msg === 'an AWS identity was obtained')).toEqual([
      expect.objectContaining({
        profile: 'default,team-a',
        region: 'eu-west-1',
        source: expect.stringContaining('AWS_ACCESS_KEY_ID'),
        roles: [],
      }),
    ]);
    expect(lines.join()).not.toMatch(/canary/i);
    const expiry = await metrics.registry.getSingleMetricAsString(
      'ecr_anywhere_token_expiry_timestamp_seconds',
    );
    expect(Number(/ (\d+)/.exec(expiry.split('\n').at(-1) ?? '')?.[1])).toBeGreaterThan(Date.now() / 1_000);
  });

  it('counts each call to STS once', async () => {
    const { log } = logLines();
    const metrics = createMetrics();
    const target = targetOf({ AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/pull' });
    process.env['AWS_ENDPOINT_URL_STS'] = ecr.endpoint;
    const tokens = createTokens(target, SETTINGS, { log, metrics: metrics.tokens(USERS), users: USERS });
    await expect(tokens.get()).rejects.toMatchObject({ code: 'bad-response' }); // this server answers every request as ECR would
    tokens.close();
    delete process.env['AWS_ENDPOINT_URL_STS'];

    const calls = await metrics.registry.getSingleMetricAsString('ecr_anywhere_aws_calls_total');
    expect(calls).toContain('{service="sts",operation="AssumeRole",outcome="bad-response"} 1');
  });

  it('counts a renewal that fails before any call to AWS, and logs what is missing', async () => {
    const { log, lines } = logLines();
    const metrics = createMetrics();
    const folder = await mkdtemp(join(tmpdir(), 'tokens-spec-'));
    const tokens = createTokens(targetOf({ ECR_TOKEN_KEYS_DIR: folder }), SETTINGS, {
      log,
      metrics: metrics.tokens(USERS),
      users: USERS,
    });
    await expect(tokens.get()).rejects.toMatchObject({ code: 'credentials-missing' });
    tokens.close();
    await rm(folder, { recursive: true });

    const text = await metrics.registry.metrics();
    expect(text).toContain(
      'ecr_anywhere_token_renewals_total{outcome="credentials-missing",profile="team-a",region="eu-west-1"} 1\n',
    );
    expect(text).not.toContain('ecr_anywhere_aws_calls_total{');
    expect(lines.join()).toContain(join(folder, 'AWS_ACCESS_KEY_ID'));
  });
});
