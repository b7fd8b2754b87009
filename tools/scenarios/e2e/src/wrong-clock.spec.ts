import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import {
  eventually,
  install,
  type ApiAnswer,
  type Cluster,
  type Installation,
  type Replica,
} from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeTime } from './fake-time.ts';
import { annotation, auths, fakeSecret, stageOn, startCluster, type Stage } from './stage.ts';

const HOUR = 3_600_000;

describe('on a node whose clock is wrong', () => {
  let cluster: Cluster;
  let installation: Installation;
  let stage: Stage;
  let aws: AwsEmulator | undefined;

  beforeAll(async () => {
    cluster = await startCluster();
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

  /** Starts AWS with a clock this far ahead of the node's, and a webhook that uses it. */
  async function installBehind(offset: number, webhookEnv: Readonly<Record<string, string>> = {}) {
    aws = await startAwsEmulator({ clock: () => Date.now() + offset });
    installation = await install(cluster, { aws, webhookEnv });
    return aws;
  }

  /** Replaces the webhook process. */
  async function replaceReplica(within?: number): Promise<void> {
    await installation.loseReplica(installation.replicas[0]!);
    await installation.addReplica({}, within);
  }

  const applyFake = (name: string): Promise<ApiAnswer> =>
    cluster.api.patch(`${stage.path}/${name}`, { data: fakeSecret('').data });

  const renewalFailed = () =>
    eventually('a renewal has failed', () =>
      installation.replicas[0]?.log().some(({ msg }) => /could not be renewed/.test(String(msg))),
    );

  it("credentials and their annotations use AWS's time", async () => {
    await installBehind(2 * HOUR);
    await stage.writeFake('pull');
    const secret = await stage.read('pull');
    const now = Date.now() + 2 * HOUR;
    expect(Math.abs(Date.parse(annotation(secret, 'updated_at') ?? '') - now)).toBeLessThan(60_000);
    expect(Math.abs(Date.parse(annotation(secret, 'expires_at') ?? '') - now - 12 * HOUR)).toBeLessThan(
      120_000,
    );
    await eventually('the log tells of the clock', () =>
      installation.replicas[0]?.log().some(({ msg }) => String(msg).includes("clock differs from AWS's")),
    );
  });

  it.each(['server-error', 'reset'] as const)(
    'two hours behind, while AWS fails (%s): a write keeps 12 h credentials if the cached token has 7 h left',
    async (kind) => {
      const emulator = await installBehind(2 * HOUR, { TOKEN_REUSE: '500ms' });
      await stage.writeFake('pull');
      const before = await stage.read('pull');
      emulator.setTokenLifetime(7 * HOUR);
      await replaceReplica();
      emulator.fault({ kind });
      await renewalFailed();
      const { status, body } = await applyFake('pull');
      expect(status).toBe(200);
      expect(body).toEqual(before);
    },
    120_000,
  );

  it('two hours behind, while the webhook waits for the first answer of AWS: a write keeps newer credentials', async () => {
    const emulator = await installBehind(2 * HOUR);
    await stage.writeFake('pull');
    const before = await stage.read('pull');
    emulator.setTokenLifetime(7 * HOUR);
    emulator.fault({ kind: 'latency', milliseconds: 4_000 }, { times: 1 });
    await replaceReplica();
    const applied = applyFake('pull'); // AWS's answer has the time, and comes while the write waits
    expect(auths((await applied).body)).toEqual(auths(before));
    expect(annotation((await applied).body, 'expires_at')).toBe(annotation(before, 'expires_at'));
  });

  it('two hours behind, while AWS works: a replica with an older token keeps newer credentials', async () => {
    const emulator = await installBehind(2 * HOUR);
    await stage.writeFake('pull');
    const before = await stage.read('pull');
    emulator.setTokenLifetime(7 * HOUR);
    await replaceReplica();
    expect((await applyFake('pull')).body).toEqual(before);
  });

  it.each([
    ['ECR', {}],
    ['STS', { AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/ecr-pull' }],
  ])(
    'two hours behind, and denied by %s from the start: a write keeps good credentials',
    async (_, webhookEnv) => {
      const emulator = await installBehind(2 * HOUR, webhookEnv);
      await stage.writeFake('pull');
      const before = await stage.read('pull');
      emulator.fault({ kind: 'access-denied' });
      await replaceReplica();
      await renewalFailed();
      expect((await applyFake('pull')).body).toEqual(before);
    },
    120_000,
  );

  it("two hours behind: a certificate that has expired by AWS's time does not replace a valid one", async () => {
    await installBehind(2 * HOUR);
    const replica = installation.replicas[0]!;
    const replaceBy = async (lifetime: number) =>
      replica.replaceCertificate(await installation.authority.issue({ names: ['127.0.0.1'], lifetime }));
    const said = (what: string, of: RegExp) =>
      eventually(what, () =>
        replica.log().some(({ msg, problem }) => msg === what && of.test(String(problem))),
      );
    await said('the TLS certificate in use is not valid, and there is no better one', /expired at/); // the certificate ends an hour from now
    await replaceBy(10 * HOUR);
    await eventually('the second is in use', () => uses(replica) === 2);
    await replaceBy(HOUR);
    await said('a new TLS certificate is ignored', /expired at/);
    expect(uses(replica)).toBe(2);
    expect((await stage.writeFake('pull')).status).toBe(201);
  });

  it('two hours behind, corrected while AWS fails: a write is allowed, because no credential expires sooner', async () => {
    const time = await fakeTime();
    const emulator = await installBehind(2 * HOUR, { ...time.env, TOKEN_REUSE: '500ms' });
    emulator.setTokenLifetime(7 * HOUR);
    await replaceReplica();
    await stage.writeFake('pull');
    const before = await stage.read('pull');
    emulator.fault({ kind: 'reset' });
    await renewalFailed();
    await time.setClock([installation.replicas[0]!.program], 2 * HOUR);
    expect((await applyFake('pull')).body).toEqual(before);
    await time.remove();
  });

  it('set back five hours while AWS fails: a write keeps the 12 h credentials', async () => {
    const time = await fakeTime();
    const emulator = await installBehind(0, { ...time.env, TOKEN_REUSE: '500ms' });
    await stage.writeFake('pull');
    const before = await stage.read('pull');
    emulator.setTokenLifetime(7 * HOUR);
    await replaceReplica();
    emulator.fault({ kind: 'reset' });
    await renewalFailed();
    await time.setClock([installation.replicas[0]!.program], -5 * HOUR);
    expect((await applyFake('pull')).body).toEqual(before);
    await time.remove();
  });
});

/** The number of certificates that the webhook has loaded. */
function uses(replica: Replica): number {
  return replica.log().filter(({ msg }) => msg === 'a TLS certificate was taken into use').length;
}
