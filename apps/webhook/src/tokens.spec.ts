import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';
import { createMetrics } from './metrics.ts';
import { logLines } from './testing/log-lines.ts';
import { createTokens } from './tokens.ts';

const ENV = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIACANARY',
  AWS_SECRET_ACCESS_KEY: 'canary-secret',
};

describe('the source of tokens', () => {
  let ecr: Server;
  let endpoint: string;
  let calls: number;
  const env = { ...process.env };

  beforeAll(async () => {
    calls = 0;
    ecr = createServer((request, response) => {
      calls += 1;
      request.resume().on('end', () =>
        response.setHeader('content-type', 'application/x-amz-json-1.1').end(
          JSON.stringify({
            authorizationData: [
              {
                authorizationToken: Buffer.from('AWS:canary-password').toString('base64'),
                expiresAt: Date.now() / 1_000 + 43_200,
                proxyEndpoint: 'https://111122223333.dkr.ecr.eu-west-1.amazonaws.com',
              },
            ],
          }),
        ),
      );
    }).listen(0, '127.0.0.1');
    await once(ecr, 'listening');
    endpoint = `http://127.0.0.1:${(ecr.address() as AddressInfo).port}`;
  });

  afterAll(() => {
    process.env = env;
    ecr.close();
    ecr.closeAllConnections();
  });

  it('logs once which identity it was in fact, each renewal, and never a key or a password', async () => {
    const { log, lines } = logLines();
    const metrics = createMetrics();
    const config = readConfig(ENV);
    const tokens = createTokens({ ...config, aws: { ...config.aws, endpoint } }, log, metrics);
    await tokens.get();
    await tokens.get({ forceRefresh: true });
    tokens.close();

    expect(calls).toBe(2);
    const messages = lines.map((line) => JSON.parse(line) as { msg: string });
    expect(messages.filter(({ msg }) => msg === 'the ECR token was renewed')).toHaveLength(2);
    expect(messages.filter(({ msg }) => msg === 'an AWS identity was obtained')).toEqual([
      expect.objectContaining({ source: expect.stringContaining('AWS_ACCESS_KEY_ID'), roles: [] }),
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
    const env = { ...ENV, AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/pull' };
    process.env['AWS_ENDPOINT_URL_STS'] = endpoint;
    const tokens = createTokens(readConfig(env), log, metrics);
    await expect(tokens.get()).rejects.toMatchObject({ code: 'bad-response' }); // this server speaks ECR's language alone
    tokens.close();
    delete process.env['AWS_ENDPOINT_URL_STS'];

    const calls = await metrics.registry.getSingleMetricAsString('ecr_anywhere_aws_calls_total');
    expect(calls).toContain('{service="sts",operation="AssumeRole",outcome="bad-response"} 1');
  });

  it('counts a renewal that fails before AWS is asked, and says in the log what is missing', async () => {
    const { log, lines } = logLines();
    const metrics = createMetrics();
    const folder = await mkdtemp(join(tmpdir(), 'tokens-spec-'));
    const tokens = createTokens(
      readConfig({ AWS_REGION: 'eu-west-1', ECR_TOKEN_KEYS_DIR: folder }),
      log,
      metrics,
    );
    await expect(tokens.get()).rejects.toMatchObject({ code: 'credentials-missing' });
    tokens.close();
    await rm(folder, { recursive: true });

    const text = await metrics.registry.metrics();
    expect(text).toContain('ecr_anywhere_token_renewals_total{outcome="credentials-missing"} 1\n');
    expect(text).not.toContain('ecr_anywhere_aws_calls_total{');
    expect(lines.join()).toContain(join(folder, 'AWS_ACCESS_KEY_ID'));
  });
});
