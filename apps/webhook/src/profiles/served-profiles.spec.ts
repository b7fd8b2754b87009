import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { profileSource, readAws, SettingsError } from '@ecr-anywhere/settings';
import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { createMetrics, type Metrics } from '../operations/metrics.ts';
import { startEcrServer, type EcrServer } from '../testing/ecr-server.ts';
import { eventually } from '@ecr-anywhere/eventually';
import { logLines } from '../testing/log-lines.ts';
import { serveProfiles, type ServedProfiles } from './served-profiles.ts';

const HOUR = 3_600_000;
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIACANARY', AWS_SECRET_ACCESS_KEY: 'canary-secret' };
const SETTINGS = {
  tokenReuse: HOUR,
  threshold: 6 * HOUR,
  margin: HOUR / 2,
  awsTimeout: 15_000,
  interval: 10,
};

describe('the profiles of a webhook', () => {
  let folder: string;
  let file: string;
  let ecr: EcrServer;
  let profiles: ServedProfiles | undefined;
  let metrics: Metrics;
  let lines: string[];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profiles-'));
    file = join(folder, 'profiles.yaml');
    ecr = await startEcrServer();
    for (const name of ['one', 'other']) {
      await mkdir(join(folder, name));
      for (const [key, value] of Object.entries(KEYS)) await writeFile(join(folder, name, key), value);
    }
  });

  afterEach(async () => {
    profiles?.close();
    profiles = undefined;
    ecr.stop();
    await rm(folder, { recursive: true });
  });

  interface Given {
    readonly name: string;
    /** The directory of its keys; undefined for the keys of the program. */
    readonly keys?: string;
    readonly regions?: readonly string[];
    readonly namespaces?: readonly string[];
  }
  const put = (...given: readonly Given[]) =>
    writeFile(
      file,
      JSON.stringify({
        profiles: given.map(({ name, keys, regions = ['eu-west-1'], namespaces = ['*'] }) => ({
          name,
          namespaces,
          ...(name !== 'default' && { regions }),
          ...(keys !== undefined && { identity: { keysDirectory: join(folder, keys) } }),
        })),
      }),
    );
  const serve = (env: Record<string, string> = { AWS_REGION: 'eu-west-1' }, withFile = true) => {
    const { log, lines: written } = logLines();
    lines = written;
    metrics = createMetrics();
    const aws = readAws({ ...KEYS, ...env }).settings();
    const client = { ...aws.client, endpoint: ecr.endpoint, maxAttempts: 1 };
    const settings = { aws: { ...aws, client }, hosts: [], file: withFile ? file : undefined };
    profiles = serveProfiles(profileSource(settings, JSON.parse), SETTINGS, log, metrics);
    return profiles;
  };
  const choose = (names?: string) => {
    const annotations: Record<string, string> = names === undefined ? {} : { [ANNOTATIONS.profile]: names };
    return profiles!.choose({ metadata: { annotations }, namespace: 'blue' });
  };
  const tokensOf = (names?: string) => {
    const choice = choose(names);
    if (choice.kind === 'refused') throw new Error(choice.message);
    return choice.profiles[0].targets[0].tokens;
  };
  const hasToken = () => eventually('the webhook has a token', () => profiles!.hadToken);
  const holdsToken = (name: string) =>
    eventually(`${name} has a token`, () => tokensOf(name).peek() !== undefined);
  const series = async (pattern: RegExp) => (await metrics.registry.metrics()).match(pattern);

  it('get a first token immediately, without a request', async () => {
    await put({ name: 'team-a', keys: 'one' });
    serve();
    await eventually('both identities ask', () => ecr.calls === 2);
    await hasToken();
    expect((await tokensOf().get()).token.username).toBe('AWS');
    expect(tokensOf('team-a')).not.toBe(tokensOf());
  });

  it('are the default one alone without a file', async () => {
    serve(undefined, false);
    await hasToken();
    expect(choose('team-a').kind).toBe('refused');
    expect(await series(/^ecr_anywhere_token_expiry.*\{.*/gm)).toEqual([
      expect.stringMatching(/\{profile="default",region="eu-west-1"\} \d{10}/),
    ]);
  });

  it('share a token if they have identity and region in common: twenty profiles are one call', async () => {
    const twenty = Array.from({ length: 20 }, (_, index) => ({ name: `p${index}`, keys: 'one' }));
    await put(...twenty, { name: 'another', keys: 'other' });
    serve({});
    await hasToken();
    await holdsToken('another');
    expect(tokensOf('p0')).toBe(tokensOf('p19'));
    expect(await series(/^ecr_anywhere_aws_calls_total.*/gm)).toEqual([
      'ecr_anywhere_aws_calls_total{service="ecr",operation="GetAuthorizationToken",outcome="ok"} 2',
    ]);
    expect(await series(/^ecr_anywhere_token_renewals_total\{outcome="ok",profile="p.*/gm)).toHaveLength(20);
    expect(lines.filter((line) => line.includes('the ECR token was renewed'))).toHaveLength(2);
  });

  it('make a replica ready by the default one, or else the first of the file, regardless of the others', async () => {
    await put({ name: 'a', keys: 'there-is-none' }, { name: 'b', keys: 'one' });
    serve();
    await hasToken();
    profiles!.close();
    serve({});
    await holdsToken('b');
    await expect(tokensOf('a').get()).rejects.toThrow();
    expect(profiles!.hadToken).toBe(false);
    // A dead profile shows, although the other one lives.
    expect(await series(/^ecr_anywhere_token_expiry.*\{.*/gm)).toEqual([
      expect.stringMatching(/\{profile="a",region="eu-west-1"\} 0$/),
      expect.stringMatching(/\{profile="b",region="eu-west-1"\} \d{10}/),
    ]);
    expect(await series(/^ecr_anywhere_token_renewals_total\{outcome="credentials-missing".*/gm)).toEqual([
      expect.stringContaining('profile="a"'),
    ]);

    await put({ name: 'b', keys: 'one' }, { name: 'a', keys: 'there-is-none' });
    await hasToken();
    await put({ name: 'a', keys: 'there-is-none' });
    await eventually('b is refused', () => choose('b').kind === 'refused');
    expect(profiles!.hadToken).toBe(true); // once ready, a replica stays ready
  });

  it('are those of the file as it is now; tokens that are still used stay, and others are no longer renewed', async () => {
    await put({ name: 'a', keys: 'one' }, { name: 'b', keys: 'other' });
    serve({});
    await Promise.all([holdsToken('a'), holdsToken('b')]);
    const [ofA, ofB] = [tokensOf('a'), tokensOf('b')];
    await put({ name: 'c', keys: 'one' }, { name: 'a', keys: 'one', namespaces: [] });
    await eventually('c can be chosen', () => choose('c').kind === 'chosen');
    expect(choose('b').kind).toBe('refused');
    expect(choose('a').kind).toBe('refused');
    expect(tokensOf('c')).toBe(ofA);
    expect(ecr.calls).toBe(2);
    expect((await ofB.get()).token.username).toBe('AWS'); // for a review that has it already
    expect(await series(/^ecr_anywhere_token_expiry.*\{.*/gm)).toEqual([
      expect.stringMatching(/\{profile="a",region="eu-west-1"\} \d{10}/),
      expect.stringMatching(/\{profile="c",region="eu-west-1"\} \d{10}/),
    ]);
    expect(await series(/^ecr_anywhere_token_renewals_total\{.*profile="b".*/gm)).toBeNull();
  });

  it('have no series of one that is gone, although AWS answers for it only then', async () => {
    const release = ecr.hold();
    await put({ name: 'a', keys: 'one' }, { name: 'b', keys: 'other' });
    serve({});
    await eventually('AWS is asked for both', () => ecr.calls === 2);
    await put({ name: 'b', keys: 'other' });
    await eventually('the profile is gone', () => choose('a').kind === 'refused');
    release();
    const renewed = () => lines.filter((line) => line.includes('the ECR token was renewed'));
    await eventually('both tokens are there', () => renewed().length === 2);
    expect(await series(/^ecr_anywhere_token_expiry.*\{.*/gm)).toEqual([
      expect.stringMatching(/\{profile="b",region="eu-west-1"\} \d{10}/),
    ]);
    expect(await series(/^ecr_anywhere_token_renewals_total.*profile="a".*/gm)).toBeNull();
  });

  it('stay as they were while the file has a mistake, which the log and a metric say', async () => {
    await put({ name: 'a', keys: 'one' });
    serve({});
    expect(await series(/^ecr_anywhere_profiles_file_invalid .*/gm)).toEqual([
      'ecr_anywhere_profiles_file_invalid 0',
    ]);
    await put({ name: 'a', keys: 'one' }, { name: 'b', regions: [] });
    const isInvalid = async (value: number) =>
      (await series(/^ecr_anywhere_profiles_file_invalid .*/gm))?.[0]?.endsWith(` ${value}`) === true;
    await eventually('the metric says so', () => isInvalid(1));
    expect(choose('a').kind).toBe('chosen');
    const [line] = lines.filter((text) => text.includes('is not used'));
    expect(JSON.parse(line!)).toMatchObject({
      file,
      problem: expect.stringMatching(/^profile b: regions: /),
    });
    await put({ name: 'b', keys: 'one' });
    await eventually('the file is used again', () => isInvalid(0));
    expect(choose('b').kind).toBe('chosen');
  });

  it.each([
    ['is empty', () => writeFile(file, '')],
    ['is gone', () => rm(file)],
    ['is a folder', () => rm(file).then(() => mkdir(file))],
  ])('stay as they were if the file %s', async (_, change) => {
    await put({ name: 'a', keys: 'one' });
    serve({});
    await change();
    await eventually('the log says so', () => lines.some((line) => line.includes('is not used')));
    expect(await series(/^ecr_anywhere_profiles_file_invalid .*/gm)).toEqual([
      'ecr_anywhere_profiles_file_invalid 1',
    ]);
    expect(choose('a').kind).toBe('chosen');
  });

  it('are always those of one whole file, however often the kubelet swaps it', async () => {
    const volume = join(folder, 'volume');
    const content = (name: string) =>
      JSON.stringify({ profiles: [{ name, region: 'eu-west-1', namespaces: ['*'] }] });
    const swap = async (version: number) => {
      const target = join(volume, `..v${version}`);
      await mkdir(target, { recursive: true });
      // The first one is far longer: a mixture of both is no JSON.
      const padding = ' '.repeat(version % 2 === 0 ? 100_000 : 0);
      await writeFile(join(target, 'profiles.yaml'), padding + content(version % 2 === 0 ? 'even' : 'odd'));
      await symlink(`..v${version}`, join(volume, '..data_tmp'));
      await rename(join(volume, '..data_tmp'), join(volume, '..data'));
      await rm(join(volume, `..v${version - 1}`), { recursive: true, force: true });
    };
    await swap(0);
    await symlink('..data/profiles.yaml', join(volume, 'profiles.yaml'));
    file = join(volume, 'profiles.yaml');
    serve({});
    const changes = () => lines.filter((line) => line.includes('the profiles have changed')).length;
    for (let version = 1; version <= 100 || changes() < 2; version++) await swap(version);
    expect(lines.filter((line) => line.includes('is not used'))).toEqual([]);
  });

  it.each([
    ['is not there', undefined, /PROFILES_FILE: .*profiles.yaml cannot be read \(ENOENT\)/],
    ['has a mistake', '{"profiles": [{"name": "a"}]}', /PROFILES_FILE: profile a: regions: /],
    ['has no profile', '{"profiles": []}', /PROFILES_FILE: profiles: expected a profile/],
  ])('stop the start if the file %s', async (_, text, message) => {
    if (text !== undefined) await writeFile(file, text);
    expect(() => serve({})).toThrow(SettingsError);
    expect(() => serve({})).toThrow(message);
  });
});
