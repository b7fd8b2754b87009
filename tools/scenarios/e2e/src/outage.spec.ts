import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import { eventually, install, type Cluster, type Installation } from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { annotation, auths, listOrders, stageOn, startCluster, type Stage } from './stage.ts';

const SHORT = { REFRESH_THRESHOLD: '4s', REFRESH_MARGIN: '1s' };

describe.each(listOrders.slice(0, 1))('during an outage of AWS (lists in the order of %s)', (listOrder) => {
  let cluster: Cluster;
  let installation: Installation;
  let stage: Stage;
  let aws: AwsEmulator | undefined;

  beforeAll(async () => {
    cluster = await startCluster(listOrder);
  });

  afterAll(() => cluster?.stop(), 30_000);

  beforeEach(async () => {
    stage = await stageOn(cluster);
  });

  afterEach(async () => {
    await installation?.uninstall();
    await aws?.stop();
    aws = undefined;
  });

  const failRenewals = async (fault: Parameters<Installation['aws']['fault']>[0]) => {
    installation.aws.fault(fault);
    await eventually('the webhook has noticed', () =>
      installation.replicas[0]
        ?.log()
        .some(({ msg }) => /renew/i.test(String(msg)) && /fail|could not/i.test(String(msg))),
    );
  };

  it('the webhook uses the cached token, with a warning; existing Secrets do not change; a run that should renew them fails', async () => {
    installation = await install(cluster, { webhookEnv: { TOKEN_REUSE: '500ms' } });
    await stage.writeFake('existing');
    const before = await stage.read('existing');
    await failRenewals({ kind: 'reset' });
    const answer = await stage.writeFake('new');
    expect(answer.status).toBe(201);
    expect(answer.warnings).toHaveLength(1);
    expect(auths(answer.body)).toHaveProperty([installation.aws.registryHost]);
    expect(await stage.read('existing')).toEqual(before);
    const { code, terminationMessage } = await installation.refresh([
      '--namespaces',
      stage.namespace,
      '--force',
    ]);
    expect(code).toBe(1);
    expect(terminationMessage).toMatch(
      /failed 2; .*The credentials were not renewed: .*\(network\); these credentials/,
    );
  });

  it('a cached token that expires too soon is not used, and the refusal says why', async () => {
    installation = await install(cluster, {
      env: SHORT,
      tokenLifetime: 7_000,
      webhookEnv: { TOKEN_REUSE: '500ms' },
    });
    await failRenewals({ kind: 'server-error' });
    const refused = await eventually('the cached token expires too soon', async () => {
      const answer = await stage.writeFake(`late-${Date.now()}`);
      return answer.status === 201 ? undefined : answer;
    });
    expect(refused.status).toBe(503);
    expect(refused.body.reason).toBe('ServiceUnavailable');
    expect(refused.body['details'] ?? {}).not.toHaveProperty('retryAfterSeconds');
  });

  it('a webhook without a token is ready, because it must refuse writes with the reason', async () => {
    installation = await install(cluster, { webhookEnv: { AWS_ACCESS_KEY_ID: 'AKIAWRONGWRONGWRONG0' } });
    const refused = await stage.writeFake('no-token');
    expect(refused.status).toBe(403);
    expect(refused.body.reason).toBe('Forbidden');
    expect(refused.body.message).not.toContain(installation.aws.accessKeys.secretAccessKey);
  });

  it.each([
    ['is down', 503, '', 'could not be reached (ECONNREFUSED)'],
    ['knows no role for the pod', 403, '/nothing', 'has no credentials for this workload (HTTP 404)'],
  ])(
    'if the credentials agent of the pod %s, the write is refused with that reason and status %d',
    async (_, status, path, words) => {
      aws = await startAwsEmulator();
      const AWS_CONTAINER_CREDENTIALS_FULL_URI =
        path === '' ? 'http://127.0.0.1:1/' : `${aws.endpoint}${path}`;
      const noKeys = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
      installation = await install(cluster, {
        aws,
        webhookEnv: { ...noKeys, AWS_CONTAINER_CREDENTIALS_FULL_URI },
      });
      const refused = await stage.writeFake('no-agent');
      expect(refused.status).toBe(status);
      expect(refused.body.message).toContain(words);
    },
    120_000,
  );

  it('a webhook that starts during the outage refuses with the reason, and recovers by itself', async () => {
    aws = await startAwsEmulator();
    aws.fault({ kind: 'reset' });
    installation = await install(cluster, { aws });
    const refused = await stage.writeFake('too-early');
    expect(refused.status).toBe(503);
    expect(refused.body.reason).toBe('ServiceUnavailable');
    expect(refused.body.message).toMatch(/ECR Anywhere could not get an ECR token: .*could not be reached/);
    expect(refused.body['details'] ?? {}).not.toHaveProperty('retryAfterSeconds');

    aws.fault(undefined);
    const filled = await eventually('AWS is asked again', async () => {
      const answer = await stage.writeFake('in-time');
      return answer.status === 201 && answer;
    });
    expect(auths(filled.body)).toHaveProperty([aws.registryHost]);
  });

  it("if AWS hangs, a write is refused before the API server's timeout", async () => {
    installation = await install(cluster, { webhookEnv: { TOKEN_REUSE: '500ms' } });
    installation.aws.fault({ kind: 'black-hole' });
    await new Promise((passed) => setTimeout(passed, 600));
    const answer = await stage.writeFake('patient'); // the API server answers 500 after its timeout
    expect(answer.status).toBe(201);
    expect(answer.warnings).toHaveLength(1);
  });

  it('throttling does not cause more calls', async () => {
    installation = await install(cluster, { webhookEnv: { TOKEN_REUSE: '500ms' } });
    await failRenewals({ kind: 'throttle' });
    installation.aws.resetCalls();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => stage.writeFake(`burst-${index}`)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(installation.aws.calls()['GetAuthorizationToken'] ?? 0).toBeLessThan(10);
  });

  it('the Job of the refresher fails and says why; after the outage, the next run refreshes every Secret', async () => {
    installation = await install(cluster, {
      env: SHORT,
      tokenLifetime: 8_000,
      webhookEnv: { TOKEN_REUSE: '500ms' },
    });
    await stage.writeFake('dies-soon');
    const before = await stage.read('dies-soon');
    await failRenewals({ kind: 'reset' });
    const run = await eventually(
      'the Secret is due',
      async () => {
        const attempt = await installation.refresh(['--namespaces', stage.namespace]);
        // Before the Secret is due, a run already fails if the webhook would refuse a mark.
        return attempt.code === 1 && /\bdue 1\b/.test(attempt.terminationMessage) ? attempt : undefined;
      },
      { every: 500 },
    );
    expect(run.terminationMessage).toContain(`${stage.namespace}/dies-soon`);
    expect((await stage.read('dies-soon')).data).toEqual(before.data);
    installation.aws.setTokenLifetime(60_000);
    installation.aws.fault(undefined);
    await eventually('the next run repairs it', async () => {
      const { code } = await installation.refresh(['--namespaces', stage.namespace]);
      return code === 0;
    });
    expect(annotation(await stage.read('dies-soon'), 'expires_at')).not.toBe(
      annotation(before, 'expires_at'),
    );
  });
});
