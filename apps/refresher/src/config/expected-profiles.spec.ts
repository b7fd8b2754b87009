import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { profileSource, readAws } from '@ecr-anywhere/settings';
import { expectedProfiles } from './expected-profiles.ts';

describe('the profiles that the refresher expects', () => {
  let folder: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'profiles-'));
    file = join(folder, 'profiles.yaml');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const put = (...names: readonly string[]) =>
    writeFile(file, JSON.stringify({ profiles: names.map((name) => ({ name, region: 'eu-west-1' })) }));
  const source = () => profileSource({ aws: readAws({}).settings(), hosts: [], file }, JSON.parse);

  it('are those of the file, and those of the changed file after it is read again', async () => {
    await put('a');
    const profiles = expectedProfiles(source());
    await put('a', 'b');
    expect(profiles.current.map(({ name }) => name)).toEqual(['a']);
    profiles.readAgain();
    expect(profiles.current.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('stay if the file has a mistake, or is gone', async () => {
    await put('a');
    const profiles = expectedProfiles(source());
    await writeFile(file, '{');
    profiles.readAgain();
    await rm(file);
    profiles.readAgain();
    expect(profiles.current.map(({ name }) => name)).toEqual(['a']);
  });

  it('are unknown if the file is not there', () => {
    const { current, mistake } = expectedProfiles(source());
    expect(current).toEqual([]);
    expect(mistake).toBe(`PROFILES_FILE: ${file} cannot be read (ENOENT)`);
  });

  it('are unknown if the file has a mistake, until it is corrected; the mistake stays that of the run', async () => {
    await put('not a name');
    const profiles = expectedProfiles(source());
    expect(profiles.current).toEqual([]);
    expect(profiles.mistake).toMatch(/^PROFILES_FILE: profile number 1: name: expected/);
    await put('a');
    profiles.readAgain();
    expect(profiles.current.map(({ name }) => name)).toEqual(['a']);
    expect(profiles.mistake).toMatch(/^PROFILES_FILE: /);
  });
});
