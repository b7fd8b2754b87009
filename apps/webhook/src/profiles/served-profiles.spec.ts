import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { profilesFrom, readAws, type Profile } from '@ecr-anywhere/settings';
import { createMetrics } from '../operations/metrics.ts';
import { startEcrServer, type EcrServer } from '../testing/ecr-server.ts';
import { logLines } from '../testing/log-lines.ts';
import { serveProfiles, type ServedProfiles } from './served-profiles.ts';

const HOUR = 3_600_000;
const ENV = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'AKIACANARY',
  AWS_SECRET_ACCESS_KEY: 'canary-secret',
};
const SETTINGS = { tokenReuse: HOUR, threshold: 6 * HOUR, margin: HOUR / 2, awsTimeout: 15_000 };

describe('the profiles of a webhook', () => {
  let ecr: EcrServer;
  let profiles: ServedProfiles;

  beforeEach(async () => {
    ecr = await startEcrServer();
  });

  afterEach(() => {
    profiles.close();
    ecr.stop();
  });

  /** A profile whose calls go to an endpoint. At port 1, there is no server. */
  function profile(name: string, endpoint = ecr.endpoint): Profile {
    const [made] = profilesFrom(readAws(ENV).settings(), []);
    const [target] = made!.targets;
    return {
      ...made!,
      name,
      targets: [{ ...target, client: { ...target.client, endpoint, maxAttempts: 1 } }],
    };
  }
  const serve = (...given: [Profile, ...Profile[]]) => {
    profiles = serveProfiles(given, SETTINGS, logLines().log, createMetrics());
  };
  const until = async (condition: () => boolean) => {
    for (let tries = 0; tries < 500 && !condition(); tries++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    expect(condition()).toBe(true);
  };

  it('get a first token immediately, without a request', async () => {
    serve(profile('default'), profile('other'));
    await until(() => ecr.calls === 2);
    await until(() => profiles.hadToken);
  });

  it('give a Secret the tokens of its profile', async () => {
    serve(profile('default'));
    const choice = profiles.choose({ metadata: {}, namespace: 'blue' });
    if (choice.kind === 'refused') throw new Error(choice.message);
    const { token } = await choice.profiles[0].targets[0].tokens.get();
    expect(token.username).toBe('AWS');
  });

  it('count as having had a token after the first profile had one, regardless of the others', async () => {
    serve(profile('default'), profile('other', 'http://127.0.0.1:1'));
    await until(() => profiles.hadToken);
    profiles.close();
    serve(profile('default', 'http://127.0.0.1:1'), profile('other'));
    await until(() => ecr.calls === 2);
    const {
      profiles: [{ targets }],
    } = profiles.choose({ metadata: {}, namespace: 'blue' }) as Extract<
      ReturnType<ServedProfiles['choose']>,
      { kind: 'chosen' }
    >;
    await expect(targets[0].tokens.get()).rejects.toThrow();
    expect(profiles.hadToken).toBe(false);
  });
});
