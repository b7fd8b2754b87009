import { describe, expect, it } from '@jest/globals';
import { readAws } from '../aws-settings.ts';
import { profileSource } from './profile-source.ts';
import { MOST_PROFILE_BYTES } from './profiles-file.ts';

const settings = { aws: readAws({ AWS_REGION: 'eu-west-1' }).settings(), hosts: [], file: '/profiles.yaml' };
const source = profileSource(settings, JSON.parse);

describe('the profiles of an installation', () => {
  it('are the default one alone without a file, and those of the file beside it', () => {
    expect(source.read().map(({ name }) => name)).toEqual(['default']);
    const text = JSON.stringify({ profiles: [{ name: 'team-a', region: 'eu-west-1' }] });
    expect(source.read(text).map(({ name }) => name)).toEqual(['default', 'team-a']);
  });

  it('are refused in a file that is not YAML, or too large', () => {
    const { read } = profileSource(settings, () => {
      throw new Error('is not valid YAML in line 3');
    });
    expect(() => read('')).toThrow('the file is not valid YAML in line 3');
    expect(() => source.read(' '.repeat(MOST_PROFILE_BYTES + 1))).toThrow('the file has more than 256 KiB');
  });
});
