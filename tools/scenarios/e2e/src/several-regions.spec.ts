import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import {
  eventually,
  install,
  type ApiAnswer,
  type Cluster,
  type Installation,
} from '@ecr-anywhere/local-installation';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inLanes } from './lanes.ts';
import {
  annotation,
  auths,
  MANAGED,
  onRealCluster,
  passwordFor,
  stageOn,
  startCluster,
  type Stage,
} from './stage.ts';

const HERE = '111122223333.dkr.ecr.us-east-1.amazonaws.com';
const THERE = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const BOTH = { AWS_REGIONS: 'us-east-1,eu-west-1' };
const COUNT = onRealCluster ? 2_000 : 200;

describe('a Secret of several regions', () => {
  let cluster: Cluster;
  let aws: AwsEmulator;
  let installation: Installation;
  let stage: Stage;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(() => cluster?.stop(), 30_000);

  beforeEach(async () => {
    aws = await startAwsEmulator();
    stage = await stageOn(cluster);
  });

  afterEach(async () => {
    await installation?.uninstall();
    await aws?.stop();
  });

  const refresh = (...args: string[]) => installation.refresh(['--namespaces', stage.namespace, ...args]);
  /** The status of a pull from a registry with the credentials of a Secret. */
  async function pull(host: string, name: string): Promise<number> {
    const { auth = '' } = auths(await stage.read(name))[host] ?? {};
    const url = `${aws.registryUrl}/v2/app/manifests/latest?ns=${host}`;
    return (await fetch(url, { headers: { authorization: `Basic ${auth}` } })).status;
  }

  /**
   * Writes what the last version before `expires_at_each` made of a Secret, as a run of it showed: the registry of AWS_REGION
   * alone, in the longer form, with the hash of one region. It left `expires_at_each` as it was: here one of yesterday.
   */
  async function writeAsAnOlderVersion(name: string): Promise<void> {
    const password = passwordFor(HERE, await stage.read(name)) ?? '';
    const auth = Buffer.from(`AWS:${password}`).toString('base64');
    const config = JSON.stringify({ auths: { [HERE]: { username: 'AWS', password, auth } } });
    const { status } = await cluster.api.patch(`${stage.path}/${name}`, {
      data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
    });
    expect(status).toBe(200);
    const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    await stage.annotate(name, {
      expires_at: inHours(11),
      updated_at: inHours(-1),
      config_hash: 'ebc740d60e01a68e3a6e9056fb7b01aa7249da6b9aed1aefb61ce4c3e3874af4',
      expires_at_each: `default/us-east-1=${inHours(-12)}, default/eu-west-1=missing`,
    });
  }

  it('opens the registries of each, and says when each credential ends', async () => {
    installation = await install(cluster, { aws, env: BOTH });
    expect((await stage.writeFake('pull')).status).toBe(201);
    expect(Object.keys(auths(await stage.read('pull')))).toEqual([HERE, THERE]);
    expect([await pull(HERE, 'pull'), await pull(THERE, 'pull')]).toEqual([200, 200]);
    expect(annotation(await stage.read('pull'), 'expires_at_each')).toMatch(
      /^default\/us-east-1=\d{4}-\S+Z, default\/eu-west-1=\d{4}-\S+Z$/,
    );
    expect((await refresh()).code).toBe(0);
  });

  it('with one password opens the registry that its URL names, also after the URL has changed', async () => {
    installation = await install(cluster, { aws, env: BOTH });
    const labels = { ...MANAGED, 'argocd.argoproj.io/secret-type': 'repository' };
    const written = (host: string) => ({
      stringData: { type: 'helm', enableOCI: 'true', url: `${host}/charts` },
    });
    const statusOf = async ({ body: { data = {} } }: ApiAnswer, host: string) => {
      const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString();
      const authorization = `Basic ${Buffer.from(`${text('username')}:${text('password')}`).toString('base64')}`;
      const url = `${aws.registryUrl}/v2/app/manifests/latest?ns=${host}`;
      return (await fetch(url, { headers: { authorization } })).status;
    };
    const there = await stage.write({ metadata: { name: 'charts', labels }, ...written(THERE) });
    expect([await statusOf(there, THERE), await statusOf(there, HERE)]).toEqual([200, 401]);
    expect(annotation(there.body, 'expires_at_each')).toBeUndefined();
    const here = await cluster.api.patch(`${stage.path}/charts`, written(HERE));
    expect([await statusOf(here, HERE), await statusOf(here, THERE)]).toEqual([200, 401]);
    expect((await refresh()).code).toBe(0);

    const unnamed = { metadata: { name: 'unnamed', labels: MANAGED }, type: 'kubernetes.io/basic-auth' };
    expect(await stage.write(unnamed)).toMatchObject({
      status: 422,
      body: { message: expect.stringContaining('set the annotation ecr-anywhere.centml.ai/registry') },
    });
    const annotations = { 'ecr-anywhere.centml.ai/registry': THERE };
    const named = await stage.write({ ...unnamed, metadata: { ...unnamed.metadata, annotations } });
    expect(await statusOf(named, THERE)).toBe(200);
  });

  it('keeps the living credential of the first region if a second one is added while the first is throttled', async () => {
    installation = await install(cluster, { aws });
    await stage.writeFake('pull');
    const before = passwordFor(HERE, await stage.read('pull'));
    await installation.uninstall();
    aws.fault({ kind: 'throttle' }, { region: 'us-east-1' });
    installation = await install(cluster, { aws, env: BOTH });

    const run = await refresh();
    expect(run.code).toBe(1);
    expect(run.terminationMessage).toContain('lacks credentials for default/us-east-1');
    const after = await stage.read('pull');
    expect(passwordFor(HERE, after)).toBe(before);
    expect([await pull(HERE, 'pull'), await pull(THERE, 'pull')]).toEqual([200, 200]);
    expect(annotation(after, 'expires_at_each')).toMatch(/us-east-1=missing, default\/eu-west-1=\d/);

    aws.fault();
    await eventually('the throttled region has a token', async () => (await refresh()).code === 0, {
      within: 60_000,
    });
    expect(annotation(await stage.read('pull'), 'expires_at_each')).not.toContain('missing');
    expect((await refresh()).output.at(-1)).toContain('due 0');
  }, 120_000);

  it('keeps what a version wrote that knows one region only, while this region is away after the next upgrade', async () => {
    installation = await install(cluster, { aws, env: BOTH });
    await stage.writeFake('pull');
    await installation.uninstall();
    await writeAsAnOlderVersion('pull');
    const before = passwordFor(HERE, await stage.read('pull'));
    aws.fault({ kind: 'throttle' }, { region: 'us-east-1' });
    installation = await install(cluster, { aws, env: BOTH });

    const run = await refresh();
    expect(run.code).toBe(1);
    expect(run.terminationMessage).toContain('lacks credentials for default/us-east-1');
    expect(passwordFor(HERE, await stage.read('pull'))).toBe(before);
    expect([await pull(HERE, 'pull'), await pull(THERE, 'pull')]).toEqual([200, 200]);

    aws.fault();
    await eventually('the throttled region has a token', async () => (await refresh()).code === 0, {
      within: 60_000,
    });
    expect(annotation(await stage.read('pull'), 'expires_at_each')).not.toContain('missing');
  }, 120_000);

  it('goes back to one region without a trace of the other', async () => {
    installation = await install(cluster, { aws, env: BOTH });
    await stage.writeFake('pull');
    await installation.uninstall();
    installation = await install(cluster, { aws });
    expect((await refresh()).code).toBe(0);
    const after = await stage.read('pull');
    expect(Object.keys(auths(after))).toEqual([HERE]);
    expect(annotation(after, 'expires_at_each')).toBeUndefined();
  });

  it('is refused if no region has a token, and the refusal names each', async () => {
    installation = await install(cluster, { aws, env: BOTH });
    await stage.writeFake('pull');
    await installation.uninstall();
    aws.fault({ kind: 'access-denied' });
    installation = await install(cluster, { aws, env: { ...BOTH, REGISTRY_HOSTS: 'mirror.example.com' } });
    const before = await stage.read('pull');
    const refused = await stage.annotate('pull', { marked_for_update_at: 'now' });
    expect(refused.status).toBe(403);
    expect(refused.body.message).toMatch(/for default\/us-east-1: .*for default\/eu-west-1: /);
    expect((await stage.read('pull')).data).toEqual(before.data);
  });

  it(`while one region hangs, ${COUNT} Secrets get the credentials of the other without waiting for it`, async () => {
    installation = await install(cluster, { aws, env: BOTH });
    await inLanes(COUNT, async (index) => {
      const { status, body } = await stage.writeFake(`pull-${index}`);
      if (status !== 201) throw new Error(body.message);
    });
    const timed = async () => {
      const started = performance.now();
      const run = await refresh('--force');
      return { ...run, milliseconds: performance.now() - started };
    };
    const whole = await timed();
    expect(whole.output.at(-1)).toContain(`refreshed ${COUNT}, failed 0`);
    const before = await stage.read('pull-0');

    await installation.uninstall();
    aws.fault({ kind: 'black-hole' }, { region: 'eu-west-1' });
    installation = await install(cluster, { aws, env: BOTH });
    const log = () => installation.replicas[0]?.log() ?? [];
    /** Why attempts to get a token have failed, of those that are over. */
    const failures = () =>
      log().flatMap(({ msg }) => /could not be renewed: (.*)/.exec(String(msg))?.slice(1) ?? []);
    await eventually('the webhook knows that the region hangs', () => failures().length > 0, {
      within: 60_000,
    });
    const hung = await timed();
    console.info(
      `${COUNT} Secrets: ${Math.round(whole.milliseconds)} ms, with one region hung ${Math.round(hung.milliseconds)} ms`,
    );
    expect(hung.code).toBe(1);
    // Nobody waits: each write gets the reason of an attempt that is over. Whoever waited would run out of time, and say so.
    const reasons = () =>
      log().flatMap(({ msg, reason }) => (msg === 'admission' && typeof reason === 'string' ? [reason] : []));
    await eventually('the log has each write', () => reasons().length >= COUNT);
    expect(failures()).toEqual(expect.arrayContaining([...new Set(reasons())]));
    const after = await stage.read('pull-0');
    expect(passwordFor(HERE, after)).not.toBe(passwordFor(HERE, before));
    expect(passwordFor(THERE, after)).toBe(passwordFor(THERE, before));
    expect([await pull(HERE, 'pull-0'), await pull(THERE, `pull-${COUNT - 1}`)]).toEqual([200, 200]);
  }, 600_000);
});
