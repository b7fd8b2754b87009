import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import { eventually, install, type Cluster, type Installation } from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeTime, type FakeTime } from './fake-time.ts';
import { auths, stageOn, startCluster, type Stage } from './stage.ts';

const HOUR = 3_600_000;

describe('slow or unusual answers of AWS', () => {
  let cluster: Cluster;
  let installation: Installation;
  let stage: Stage;
  let aws: AwsEmulator;
  let time: FakeTime;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(() => cluster?.stop(), 30_000);

  beforeEach(async () => {
    stage = await stageOn(cluster);
    time = await fakeTime();
    aws = await startAwsEmulator({ clock: time.now });
  });

  afterEach(async () => {
    await installation?.uninstall();
    await aws?.stop();
    await time?.remove();
  });

  it('if AWS answers late, a write gets the cached token after a second; later writes get the late answer', async () => {
    installation = await install(cluster, { aws, webhookEnv: { ...time.env, AWS_TIMEOUT: '60s' } });
    const first = await stage.writeFake('before');
    await time.pass(
      installation.replicas.map(({ program }) => program),
      HOUR, // TOKEN_REUSE
    );
    aws.resetCalls();
    aws.fault({ kind: 'latency', milliseconds: 5_000 }, { times: 1 });
    const asked = () => aws.calls()['GetAuthorizationToken'] ?? 0;
    // AWS answers the one call after all of these writes.
    for (let index = 0; index < 5; index++) {
      const answer = await stage.writeFake(`meanwhile-${index}`);
      expect(answer.status).toBe(201);
      expect(answer.warnings).toEqual([expect.stringMatching(/cannot renew its token \(timeout\)/)]);
      expect(auths(answer.body)).toEqual(auths(first.body));
    }
    const next = await eventually('AWS has answered', async () => {
      const answer = await stage.writeFake(`later-${performance.now()}`);
      return answer.status === 201 && answer.warnings.length === 0 && answer;
    });
    expect(auths(next.body)).not.toEqual(auths(first.body));
    expect(asked()).toBe(1);
  });

  it("if AWS never answers and no cached token can be used, the write is refused before the API server's timeout", async () => {
    aws.fault({ kind: 'black-hole' });
    installation = await install(cluster, { aws, timeoutSeconds: 4 });
    const refused = await stage.writeFake('patient');
    expect(refused.status).toBe(503);
    expect(refused.body.message).toContain('ECR Anywhere could not get an ECR token: AWS');
  });

  it("if AWS's token lives shorter than threshold plus margin, the webhook uses it with a warning and a metric", async () => {
    aws.setTokenLifetime(5 * 3_600_000);
    installation = await install(cluster, { aws });
    const answer = await stage.writeFake('short');
    expect(answer.status).toBe(201);
    expect(answer.warnings).toEqual([expect.stringMatching(/short-lived token; .* good until .* UTC$/)]);
    expect(auths(answer.body)).toHaveProperty([aws.registryHost]);
    const replica = installation.replicas[0]!;
    expect(await (await fetch(replica.metricsUrl)).text()).toMatch(
      /^ecr_anywhere_short_lived_credentials_total 1$/m,
    );
    const line = await eventually('the write is in the log', () =>
      replica.log().find(({ msg, name }) => msg === 'admission' && name === 'short'),
    );
    expect(line).toMatchObject({ level: 'warn', result: 'refreshed', warnings: answer.warnings });
  });

  it('if AWS gives an expired token, the write is denied; the message has the expiry and the current time', async () => {
    aws.fault({ kind: 'expired-token' });
    installation = await install(cluster, { aws });
    const refused = await stage.writeFake('ended');
    expect(refused.status).toBe(403);
    expect(refused.body.message).toMatch(/had already expired at \S+Z; here it is \S+Z by AWS's clock/);
  });
});
