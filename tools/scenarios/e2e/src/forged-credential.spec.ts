import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import {
  eventually,
  install,
  type ApiAnswer,
  type Cluster,
  type Installation,
} from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fakeTime, type FakeTime } from './fake-time.ts';
import { inLanes } from './lanes.ts';
import {
  annotation,
  auths,
  ENABLED,
  fakeSecret,
  MANAGED,
  onRealCluster,
  passwordFor,
  stageOn,
  startCluster,
  type Stage,
} from './stage.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;
const FORGED = 'made-up';
/** The time until AWS answers late, in milliseconds. The webhook asks again after eight seconds. */
const LATE = 5_000;

describe('a forged credential, written while the API server did not call the webhook', () => {
  let cluster: Cluster;
  let installation: Installation;
  let stage: Stage;
  let aws: AwsEmulator;
  let time: FakeTime;
  let marks = 0;

  beforeAll(async () => {
    cluster = await startCluster();
  }, 60_000);

  afterAll(() => cluster?.stop(), 30_000);

  beforeEach(async () => {
    time = await fakeTime();
    stage = await stageOn(cluster, {});
  });

  afterEach(async () => {
    await installation?.uninstall();
    await aws?.stop();
    await time?.remove();
  }, 30_000);

  async function installed({ tokenLifetime = 12 * HOUR, awsTimeout = '15s' } = {}): Promise<void> {
    aws = await startAwsEmulator({ clock: time.now, tokenLifetime });
    installation = await install(cluster, { aws, webhookEnv: { ...time.env, AWS_TIMEOUT: awsTimeout } });
  }

  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const pullSecret = () => ({
    data: {
      '.dockerconfigjson': base64(
        JSON.stringify({ auths: { [aws.registryHost]: { auth: base64(`AWS:${FORGED}`) } } }),
      ),
    },
  });
  const basicAuth = () => ({
    type: 'kubernetes.io/basic-auth',
    data: { username: base64('AWS'), password: base64(FORGED) },
  });

  /** Writes a Secret with a forged credential before its namespace has the label, and then labels the namespace. */
  async function forge(name: string, life = 12.9 * HOUR, secret: object = pullSecret()): Promise<void> {
    const model = await (await stageOn(cluster)).writeFake('model');
    const label = (labels: Record<string, string | null>) =>
      cluster.api.patch(`/api/v1/namespaces/${stage.namespace}`, { metadata: { labels } });
    await label(Object.fromEntries(Object.keys(ENABLED).map((key) => [key, null])));
    await webhookToBe('absent');
    const { status } = await stage.write({
      ...fakeSecret(name),
      metadata: {
        name,
        labels: MANAGED,
        annotations: {
          ...model.body.metadata?.annotations,
          'ecr-anywhere.centml.ai/expires_at': new Date(Date.now() + life).toISOString(),
        },
      },
      ...secret,
    });
    expect(status).toBe(201);
    await label(ENABLED);
    await webhookToBe('called');
  }

  /** The API server needs a moment to notice a change of a namespace. */
  async function webhookToBe(expected: 'called' | 'absent'): Promise<void> {
    const opaque = { ...fakeSecret('probe'), type: 'Opaque' }; // the webhook denies this type
    await eventually(`the webhook is ${expected}`, async () => {
      const { status } = await cluster.api.create(`${stage.path}?dryRun=All`, opaque);
      return status === (expected === 'called' ? 422 : 201);
    });
  }

  const mark = (name: string) => stage.annotate(name, { marked_for_update_at: `mark ${++marks}` });
  const passwordIn = ({ body }: Pick<ApiAnswer, 'body'>) => passwordFor(aws.registryHost, body);
  const calls = () => aws.calls()['GetAuthorizationToken'] ?? 0;
  const programs = () => installation.replicas.map(({ program }) => program);

  it('in a Secret with one password is replaced after a mark as well', async () => {
    await installed();
    await forge('one-password', 12.9 * HOUR, basicAuth());
    const passwordOf = ({ body }: ApiAnswer) =>
      Buffer.from(body.data?.['password'] ?? '', 'base64').toString();
    const applied = await cluster.api.patch(`${stage.path}/one-password`, {
      stringData: { password: 'FAKE' },
    });
    expect(passwordOf(applied)).toBe(FORGED);
    const authorization = `Basic ${base64(`AWS:${passwordOf(await mark('one-password'))}`)}`;
    expect((await fetch(`${aws.registryUrl}/v2/`, { headers: { authorization } })).status).toBe(200);
  });

  it('an update without a mark keeps it; a mark replaces it, without an AWS call if the token is new', async () => {
    await installed();
    await forge('forged');
    aws.resetCalls();
    const applied = await cluster.api.patch(`${stage.path}/forged`, { data: fakeSecret('').data });
    expect(passwordIn(applied)).toBe(FORGED);

    const healed = await mark('forged');
    expect(passwordIn(healed)).not.toBe(FORGED);
    expect(healed.warnings).toEqual([]);
    const { auth } = auths(healed.body)[aws.registryHost]!;
    const opened = await fetch(`${aws.registryUrl}/v2/`, {
      headers: { authorization: `Basic ${auth}` },
    });
    expect(opened.status).toBe(200);
    const left = Date.parse(annotation(healed.body, 'expires_at') ?? '') - Date.now();
    expect(left).toBeLessThanOrEqual(12 * HOUR);
    expect(calls()).toBe(0);
  }, 30_000);

  it('a mark makes one AWS call if the token is older than a minute; a second mark within that minute makes none', async () => {
    await installed();
    await forge('one');
    await forge('other');
    await time.pass(programs(), MINUTE);
    aws.resetCalls();
    expect(passwordIn(await mark('one'))).not.toBe(FORGED);
    expect(calls()).toBe(1);
    expect(passwordIn(await mark('other'))).not.toBe(FORGED);
    expect(calls()).toBe(1);
  }, 30_000);

  it('while AWS hangs, a mark keeps it, with a warning after one second; later marks do not wait; once AWS answers, a mark replaces it', async () => {
    await installed({ awsTimeout: '60s' });
    await forge('forged');
    const before = await stage.read('forged');
    await time.pass(programs(), MINUTE);
    aws.resetCalls();
    aws.fault({ kind: 'latency', milliseconds: LATE }, { times: 1 });
    const admissions = () =>
      installation.replicas.flatMap((replica) => replica.log()).filter(({ msg }) => msg === 'admission');
    const { length } = admissions();
    let kept = 0;
    for (; ; kept++) {
      const answer = await mark('forged');
      expect(answer.status).toBe(200);
      if (passwordIn(answer) !== FORGED) break; // AWS has answered
      expect(answer.warnings).toEqual([
        expect.stringMatching(/cannot renew .*timeout.*old credentials stay/),
      ]);
      expect(annotation(answer.body, 'updated_at')).not.toBe(annotation(before, 'updated_at'));
    }
    // Only the first one waits for its second. On a busy machine, few others take as long.
    const waited = admissions()
      .slice(length)
      .filter(({ milliseconds }) => Number(milliseconds) >= 1_000);
    expect(waited.length).toBeGreaterThan(0);
    expect(waited.length).toBeLessThanOrEqual(kept / 2);
    expect(calls()).toBe(1);
  }, 30_000);

  it("after a failed call, a mark keeps it for a minute, with a warning, and the refresher's run fails", async () => {
    await installed();
    await forge('forged');
    await time.pass(programs(), MINUTE);
    aws.fault({ kind: 'access-denied' });
    for (let attempt = 0; attempt < 20; attempt++) {
      const answer = await mark('forged');
      expect(answer.warnings).toEqual([
        expect.stringMatching(/cannot renew .*ecr-denied.*old credentials stay/),
      ]);
      expect(passwordIn(answer)).toBe(FORGED);
    }
    const run = await installation.refresh(['--namespaces', stage.namespace, '--force']);
    expect(run.code).toBe(1);
    expect(run.terminationMessage).toMatch(
      /failed 1; .*\/forged: The credentials were not renewed: .*\(ecr-denied\); the old credentials stay, until /,
    );
    aws.fault(undefined);
    await time.pass(programs(), MINUTE);
    expect(passwordIn(await mark('forged'))).not.toBe(FORGED);
  }, 30_000);

  it('a mark is refused if no cached token can be used and AWS gives none', async () => {
    await installed({ tokenLifetime: 5 * HOUR });
    await forge('forged');
    await time.pass(programs(), MINUTE);
    aws.fault({ kind: 'reset' });
    const refused = await mark('forged');
    expect(refused.status).toBe(503);
    expect(passwordIn({ body: await stage.read('forged') })).toBe(FORGED);
  }, 30_000);

  it('a mark keeps it, with a warning, if the tokens of AWS live shorter than threshold plus margin', async () => {
    await installed({ tokenLifetime: 5 * HOUR });
    await forge('forged');
    const answer = await mark('forged');
    expect(answer.warnings).toEqual([expect.stringMatching(/short-lived.*old credentials stay/)]);
    expect(passwordIn(answer)).toBe(FORGED);
  }, 30_000);
});

describe('marks of many Secrets, with two replicas', () => {
  const COUNT = onRealCluster ? 2_000 : 100;
  const MARKS_OF_TWO = onRealCluster ? 200 : 60;
  let cluster: Cluster;
  let installation: Installation;
  let aws: AwsEmulator;
  let time: FakeTime;

  beforeAll(async () => {
    cluster = await startCluster();
    time = await fakeTime();
    aws = await startAwsEmulator({ clock: time.now });
    installation = await install(cluster, { aws, replicas: 2, webhookEnv: time.env });
  }, 60_000);

  afterAll(async () => {
    await installation?.uninstall();
    await aws?.stop();
    await time?.remove();
    await cluster?.stop();
  }, 60_000);

  it('cause at most one AWS call a minute in each replica', async () => {
    const stage = await stageOn(cluster);
    await inLanes(COUNT, async (index) => {
      const { status, body } = await stage.writeFake(`pull-${index}`);
      if (status !== 201) throw new Error(body.message);
    });
    await time.pass(
      installation.replicas.map(({ program }) => program),
      MINUTE,
    );
    aws.resetCalls();
    const started = performance.now();
    const { output } = await installation.refresh(['--namespaces', stage.namespace, '--force']);
    expect(output.at(-1)).toMatch(`checked ${COUNT}, due ${COUNT}, refreshed ${COUNT}, failed 0`);
    // The hardest case: the same Secrets are marked repeatedly, and some marks reach the replica with the older token.
    await inLanes(MARKS_OF_TWO, async (index) => {
      const { status } = await stage.annotate(`pull-${index % 2}`, { marked_for_update_at: `mark ${index}` });
      if (status !== 200 && status !== 409) throw new Error(`${status}`);
    });
    const minutes = Math.ceil((performance.now() - started) / MINUTE);
    const called = aws.calls()['GetAuthorizationToken'] ?? 0;
    console.info(`${COUNT + MARKS_OF_TWO} marks in ${minutes} min: ${called} calls of GetAuthorizationToken`);
    expect(called).toBeGreaterThan(0);
    expect(called).toBeLessThanOrEqual(2 * minutes);
  }, 240_000);
});
