import { describe, expect, it } from '@jest/globals';
import { createMetrics } from './metrics.ts';

const PREFIX = 'ecr_anywhere_';
const DEFAULT = { profiles: ['default'], region: 'eu-west-1' };
const OF_DEFAULT = 'profile="default",region="eu-west-1"';

describe('the metrics', () => {
  it('count admissions by their result and profile, and measure how long they took', async () => {
    const metrics = createMetrics();
    metrics.admission('refreshed', 0.002, ['default']);
    metrics.admission('refreshed', 0.3, ['default']);
    metrics.admission('refreshed', 0.3, ['team-a', 'team-b']);
    metrics.admission('error', 0.001, []);
    const text = await metrics.registry.metrics();
    expect(text).toContain(`${PREFIX}admissions_total{result="refreshed",profile="default"} 2\n`);
    expect(text).toContain(`${PREFIX}admissions_total{result="refreshed",profile="(several)"} 1\n`);
    expect(text).toContain(`${PREFIX}admissions_total{result="error"} 1\n`);
    expect(text).toContain(`${PREFIX}admission_duration_seconds_count 4\n`);
    expect(text).toContain(`${PREFIX}admission_duration_seconds_bucket{le="0.0025"} 2\n`);
  });

  it('count writes that were answered with a short-lived token', async () => {
    const metrics = createMetrics();
    expect(await metrics.registry.metrics()).toContain(`${PREFIX}short_lived_credentials_total 0\n`);
    metrics.shortLivedCredentials();
    expect(await metrics.registry.metrics()).toContain(`${PREFIX}short_lived_credentials_total 1\n`);
  });

  it('count calls to ECR and to STS by their outcome, and measure how long they took', async () => {
    const metrics = createMetrics();
    const tokens = metrics.tokens(DEFAULT);
    const ecr = { service: 'ecr', operation: 'GetAuthorizationToken' } as const;
    tokens.awsCall({ ...ecr, outcome: 'ok', milliseconds: 120 });
    tokens.awsCall({ ...ecr, outcome: 'throttled', milliseconds: 1 });
    tokens.awsCall({ service: 'sts', operation: 'AssumeRole', outcome: 'role-denied', milliseconds: 1 });
    const text = await metrics.registry.metrics();
    const labels = 'service="ecr",operation="GetAuthorizationToken"';
    expect(text).toContain(`${PREFIX}aws_calls_total{${labels},outcome="ok"} 1\n`);
    expect(text).toContain(`${PREFIX}aws_calls_total{${labels},outcome="throttled"} 1\n`);
    expect(text).toContain(
      `${PREFIX}aws_calls_total{service="sts",operation="AssumeRole",outcome="role-denied"} 1\n`,
    );
    expect(text).toContain(`${PREFIX}aws_call_duration_seconds_bucket{le="0.1",${labels}} 1\n`);
    expect(text).toContain(`${PREFIX}aws_call_duration_seconds_bucket{le="0.25",${labels}} 2\n`);
  });

  it('count renewals of the token by their outcome', async () => {
    const metrics = createMetrics();
    metrics.tokens(DEFAULT).renewal('ok');
    metrics.tokens(DEFAULT).renewal('credentials-missing');
    const text = await metrics.registry.metrics();
    expect(text).toContain(`${PREFIX}token_renewals_total{outcome="ok",${OF_DEFAULT}} 1\n`);
    expect(text).toContain(`${PREFIX}token_renewals_total{outcome="credentials-missing",${OF_DEFAULT}} 1\n`);
  });

  it('show when the certificate ends, and 0 before the first one', async () => {
    const metrics = createMetrics();
    const name = `${PREFIX}certificate_expiry_timestamp_seconds`;
    expect(await metrics.registry.metrics()).toContain(`${name} 0\n`);
    metrics.certificateExpiry(1_700_000_000_500);
    expect(await metrics.registry.metrics()).toContain(`${name} 1700000000.5\n`);
  });

  it('show when the token of each profile in each region ends, also if profiles share it', async () => {
    const metrics = createMetrics();
    const users = { profiles: ['a', 'b'], region: 'eu-west-1' };
    const series = async () => {
      const text = await metrics.registry.metrics();
      return text.match(/^ecr_anywhere_token_(?:expiry_timestamp_seconds|renewals_total)\{.*$/gm);
    };
    const tokens = metrics.tokens(users);
    tokens.expiry(0);
    tokens.renewal('network');
    users.profiles = ['b', 'c'];
    metrics.removeTokens('a', 'eu-west-1');
    tokens.expiry(1_700_000_000_500);
    tokens.renewal('ok');
    expect(await series()).toEqual([
      `${PREFIX}token_renewals_total{outcome="network",profile="b",region="eu-west-1"} 1`,
      `${PREFIX}token_renewals_total{outcome="ok",profile="b",region="eu-west-1"} 1`,
      `${PREFIX}token_renewals_total{outcome="ok",profile="c",region="eu-west-1"} 1`,
      `${PREFIX}token_expiry_timestamp_seconds{profile="b",region="eu-west-1"} 1700000000.5`,
      `${PREFIX}token_expiry_timestamp_seconds{profile="c",region="eu-west-1"} 1700000000.5`,
    ]);
  });

  it('count certificates that were loaded, and those that were ignored', async () => {
    const metrics = createMetrics();
    metrics.certificateReload('ok');
    metrics.certificateReload('failed');
    metrics.certificateReload('failed');
    const text = await metrics.registry.metrics();
    expect(text).toContain(`${PREFIX}certificate_reloads_total{outcome="ok"} 1\n`);
    expect(text).toContain(`${PREFIX}certificate_reloads_total{outcome="failed"} 2\n`);
  });

  it('count requests that are not reviews, and connections that the webhook closed', async () => {
    const metrics = createMetrics();
    metrics.refusedRequest(413);
    metrics.closedConnection('room');
    metrics.closedConnection('room');
    const text = await metrics.registry.metrics();
    expect(text).toContain(`${PREFIX}refused_requests_total{status="413"} 1\n`);
    expect(text).toContain(`${PREFIX}closed_connections_total{reason="room"} 2\n`);
  });

  it('show the resources of callers at each scrape', async () => {
    const metrics = createMetrics();
    expect(await metrics.registry.metrics()).toContain(`${PREFIX}connections 0\n`);
    const waiting = { count: 3, bytes: 300, most: 1_000 };
    metrics.watch(() => ({
      connections: { count: 7, bytes: 70, most: 800 },
      probes: { bytes: 1, most: 2 },
      waiting,
      bodies: { bytes: 5, most: 60 },
    }));
    Object.assign(waiting, { count: 4, bytes: 400 });
    const text = await metrics.registry.metrics();
    expect(text).toContain(`${PREFIX}connections 7\n`);
    expect(text).toContain(`${PREFIX}waiting_reviews 4\n`);
    const load = [...text.matchAll(/_load_(bytes|limit_bytes)\{kind="(\w+)"\} (\d+)$/gm)];
    expect(load.map(([, what, kind, value]) => `${kind} ${what} ${value}`)).toEqual([
      'connections bytes 70',
      'probe_connections bytes 1',
      'waiting_reviews bytes 400',
      'bodies bytes 5',
      'connections limit_bytes 800',
      'probe_connections limit_bytes 2',
      'waiting_reviews limit_bytes 1000',
      'bodies limit_bytes 60',
    ]);
  });

  it('include the default metrics of Node.js', async () => {
    const text = await createMetrics().registry.metrics();
    for (const name of ['process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds']) {
      expect(text).toMatch(new RegExp(`^${name} `, 'm'));
    }
  });

  it('of one webhook are not shared with another one in the same process', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.admission('kept', 1, []);
    expect(await other.registry.metrics()).not.toContain('result="kept"');
  });
});
