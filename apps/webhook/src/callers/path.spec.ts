import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@ecr-anywhere/eventually';
import { startGuardedServer, type GuardedServer } from '../testing/guarded-server.ts';
import { chooseCallers } from './index.ts';

const KEY = 'canary-key-of-32-characters_0123';
const OTHER = 'canary-other-of-36-characters_456789';
const NEXT = 'canary-next-key-of-42-characters_456789abc';

describe('the mode path', () => {
  let folder: string;
  let file: string;
  let guarded: GuardedServer;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'webhook-path-'));
    file = join(folder, 'keys');
  });

  afterEach(async () => {
    await guarded.stop();
    await rm(folder, { recursive: true });
  });

  const start = async (keys: string | undefined) => {
    if (keys !== undefined) await writeFile(file, keys);
    guarded = await startGuardedServer((options) => chooseCallers([{ mode: 'path', file }], options));
  };
  const status = async (path: string) => (await guarded.ask({ path })).status;
  const keys = async () => {
    const metric = await guarded.metrics.registry.getSingleMetric('ecr_anywhere_caller_keys')!.get();
    return metric.values[0]?.value;
  };

  it('accepts a review from whoever knows a key, which is the last part of the path', async () => {
    await start(`${KEY}\n${OTHER}\n`);
    expect(await status(`/sync/${KEY}?timeout=10s`)).toBe(200);
    expect(await status(`/sync/${OTHER}`)).toBe(200);
    expect(await status(`http://webhook/sync/${KEY}`)).toBe(200);
    expect(guarded.callers.unready()).toBeUndefined();
  });

  it.each([
    ['no key', '/sync'],
    ['an empty key', '/sync/'],
    ['another key', `/sync/${NEXT}`],
    ['the beginning of a key', `/sync/${KEY.slice(0, -1)}`],
    ['a key and more', `/sync/${KEY}0`],
    ['both keys', `/sync/${KEY}${OTHER}`],
    ['both keys as two lines', `/sync/${KEY}%0A${OTHER}`],
    ['a key in capitals', `/sync/${KEY.toUpperCase()}`],
    ['a key and another part', `/sync/${KEY}/more`],
    ['a key after two slashes', `/sync//${KEY}`],
    ['a key that is encoded twice', `/sync/%2563${KEY.slice(1)}`],
    ['a key in the query', `/sync?key=${KEY}`],
    ['a key below another path', `/other/${KEY}`],
    ['a key as the path', `/${KEY}`],
    ['a key after an encoded slash', `/sync%2F${KEY}`],
    ['a key after a bad escape', `/sync/%${KEY}`],
  ])('refuses a request with %s, as an unknown path, and shows no key', async (_, path) => {
    await start(`${KEY}\n${OTHER}\n`);
    const { status, text } = await guarded.ask({ path });
    expect(status).toBe(404);
    expect(text).toBe((await guarded.ask({ path: '/unknown' })).text);
    expect(guarded.lines.join()).not.toMatch(/canary|%2563anary|anary/i);
    expect(await guarded.metrics.registry.metrics()).not.toMatch(/canary/i);
  });

  it('counts and logs a review at the path without a key, which a stranger tries first', async () => {
    await start(KEY);
    expect(await status('/sync')).toBe(404);
    expect(guarded.lines.join()).toContain('reviews are not taken at this path in this mode');
    expect(await guarded.metrics.registry.metrics()).toContain(
      'ecr_anywhere_refused_callers_total{mode="path",reason="other_mode"} 1',
    );
  });

  // They need the key as well.
  it.each([
    ['is encoded', `/sync/%63${KEY.slice(1)}`],
    ['has a slash after it', `/sync/${KEY}/`],
  ])('accepts a key that %s', async (_, path) => {
    await start(KEY);
    expect(await status(path)).toBe(200);
  });

  it('says in the log and counts why a request was refused', async () => {
    await start(KEY);
    await guarded.ask({ path: `/sync/${OTHER}` });
    expect(guarded.refusals()).toEqual([
      expect.objectContaining({ path: '/sync/:key', mode: 'path', reason: 'the path ends with a wrong key' }),
    ]);
    expect(await guarded.metrics.registry.metrics()).toContain(
      'ecr_anywhere_refused_callers_total{mode="path",reason="wrong_key"} 1',
    );
  });

  it('shows no key when a review is malformed, or when nothing is wrong', async () => {
    await start(KEY);
    expect((await guarded.ask({ path: `/sync/${KEY}`, body: '{' })).status).toBe(400);
    expect((await guarded.ask({ path: `/sync/${KEY}`, method: 'GET' })).status).toBe(405);
    expect(await status(`/sync/${KEY}`)).toBe(200);
    expect(guarded.lines.join()).not.toContain(KEY);
  });

  it('takes new keys while it serves, keeps the last good ones, and shows how many there are', async () => {
    await start(KEY);
    expect(await keys()).toBe(1);
    await writeFile(file, `${NEXT}\n${KEY}\n`);
    await eventually('the new key counts', async () => (await status(`/sync/${NEXT}`)) === 200);
    expect(await status(`/sync/${KEY}`)).toBe(200);
    expect(await keys()).toBe(2);
    await writeFile(file, `${NEXT}\n`);
    await eventually('the old key is refused', async () => (await status(`/sync/${KEY}`)) === 404);
    expect(await keys()).toBe(1);
    await writeFile(file, 'short');
    await eventually('the log says so', () =>
      guarded.lines.join().includes('still checked by what was read before'),
    );
    expect(await status(`/sync/${NEXT}`)).toBe(200);
    expect(await keys()).toBe(1);
    const isOutdated = async () =>
      /trust_outdated\{mode="path"\} 1/.test(await guarded.metrics.registry.metrics());
    await eventually('the metric says so', isOutdated);
    await writeFile(file, `${NEXT}\n`);
    await eventually('the metric says that all is well', async () => !(await isOutdated()));
    expect(guarded.callers.unready()).toBeUndefined();
  });

  it.each([
    ['does not exist', undefined, 'cannot be read (ENOENT)'],
    ['is empty', '\n\n', 'holds 0 keys; expected 1 to 4'],
    ['holds five keys', `${KEY}\n`.repeat(5), 'holds 5 keys; expected 1 to 4'],
    ['holds a key that is too short', `${KEY}\n\ncanary-short`, 'line 3 is no key'],
    ['holds a key with another character', `${KEY}/`, 'line 1 is no key'],
    ['holds a key that is too long', 'canary'.repeat(22), 'line 1 is no key'],
  ])('keeps a replica unready, and refuses everybody, if the file %s', async (_, keys, problem) => {
    await start(keys);
    expect(guarded.callers.unready()).toContain(problem);
    expect(await status('/sync/')).toBe(404);
    expect(await status(`/sync/${KEY}`)).toBe(404);
    expect(guarded.lines.join()).not.toContain('canary');
    expect(guarded.lines.join()).toContain(problem);
    await writeFile(file, KEY);
    await eventually('the key is read', () => guarded.callers.unready() === undefined);
  });
});
