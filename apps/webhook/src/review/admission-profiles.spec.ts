import type { AdmissionRequest } from '@ecr-anywhere/admission';
import type { EcrTokenProvider } from '@ecr-anywhere/ecr-token';
import { chooseProfiles } from '@ecr-anywhere/settings';
import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import type { Secret } from '../consumers/secret.ts';
import type { ServedProfile } from '../profiles/served-profiles.ts';
import {
  createRequest,
  fakeSecret,
  filledSecret,
  HOUR,
  NOW,
  OWN_HOST,
  review,
  token,
  updateRequest,
  withAnnotations,
} from '../testing/requests.ts';
import { createAdmission } from './admission.ts';
import { WaitingRoom } from '../grants/waiting-room.ts';
import { NO_RULES } from './write-rules.ts';

const REFRESHER = 'system:serviceaccount:ecr-anywhere:ecr-anywhere-refresher';
const LIMITS = { timeout: 8_000, bytes: 0, onGone: () => undefined };

/** Gives a token for OWN_HOST. `peek` knows it only after the first `get`. */
function provider(): EcrTokenProvider & { asked: number } {
  const made = {
    asked: 0,
    get: async () => {
      made.asked += 1;
      return { token: token(12) };
    },
    now: () => NOW,
    peek: () => (made.asked > 0 ? token(12) : undefined),
    invalidate: () => undefined,
    close: () => undefined,
  };
  return made;
}

function profile(name: string, namespaces: readonly string[], tokens = provider()): ServedProfile {
  const identity = { kind: 'default', roles: [], warnings: [] } as const;
  const targets = [{ identity, client: { region: 'eu-west-1' }, hosts: [], tokens }] as const;
  return { name, namespaces, hash: `hash-of-${name}`, targets };
}

function admissionWith(...profiles: readonly ServedProfile[]) {
  const { decide, answer } = createAdmission({
    profiles: { choose: (request) => chooseProfiles(profiles, request) },
    threshold: 6 * HOUR,
    margin: HOUR / 2,
    waiting: new WaitingRoom(Infinity),
    rules: { ...NO_RULES, refresher: REFRESHER },
    dockerConfigFields: 'auth',
  });
  return async (request: AdmissionRequest<Secret>) => {
    const decided = decide(review(request));
    const { review: filled, result } = await answer(decided, LIMITS);
    const { status, patch = '' } = filled.response as {
      status?: { code: number; message: string };
      patch?: string;
    };
    return {
      result,
      code: status?.code,
      message: status?.message ?? '',
      profiles: decided.profiles,
      patch: Buffer.from(patch, 'base64').toString(),
    };
  };
}

const naming = (secret: Secret, names: string) => withAnnotations(secret, { [ANNOTATIONS.profile]: names });

describe('a Secret that names profiles', () => {
  it('is filled by the one that its namespace may use, and says so for the log', async () => {
    const answerTo = admissionWith(profile('team-a', ['team-a']));
    const request = { ...createRequest(naming(fakeSecret(), 'team-a')), namespace: 'team-a' };
    expect(await answerTo(request)).toMatchObject({ result: 'refreshed', profiles: ['team-a'] });
  });

  it('belongs to its owner, who may name another profile or none: the webhook never puts the annotation back', async () => {
    const answerTo = admissionWith(profile('a', ['*']), profile('b', ['*']), profile('default', ['*']));
    const filled = filledSecret(11, { hosts: [OWN_HOST] });
    const stored = naming(withAnnotations(filled, { [ANNOTATIONS.configHash]: 'hash-of-a' }), 'a');
    const writes = [
      [naming(stored, 'b'), 'refreshed'],
      [fakeSecret(), 'refreshed'],
      [naming(fakeSecret(), 'a, a'), 'kept'],
    ] as const;
    for (const [object, expected] of writes) {
      const { result, patch } = await answerTo(updateRequest(object, stored));
      expect(result).toBe(expected);
      expect(patch).toContain('config_hash');
      expect(patch).not.toContain('profile');
    }
  });

  it('is refused at every write after its namespace was taken off the list, even if it asks for nothing', async () => {
    const stored = naming(
      withAnnotations(filledSecret(11, { hosts: [OWN_HOST] }), {
        [ANNOTATIONS.configHash]: 'hash-of-team-a',
      }),
      'team-a',
    );
    const request = { ...updateRequest(stored, stored), namespace: 'team-a' };
    expect(await admissionWith(profile('team-a', ['team-a']))(request)).toMatchObject({ result: 'kept' });
    const refusal = await admissionWith(profile('team-a', ['other']))(request);
    expect(refusal).toMatchObject({ result: 'refused', code: 422, profiles: [] });
    expect(refusal.message).toMatch(/^This namespace may not use the profile team-a/);
  });

  it('is refused for its profile before anything else is said about it', async () => {
    const secret = { ...naming(fakeSecret(), 'team-a'), type: 'Opaque', immutable: true };
    const { message } = await admissionWith(profile('team-a', []))(createRequest(secret));
    expect(message).toMatch(/^This namespace may not use the profile team-a/);
  });

  it('is refused for its profile also where it has one password', async () => {
    const secret = { ...naming(fakeSecret(), 'team-a'), type: 'kubernetes.io/basic-auth', data: {} };
    const { message } = await admissionWith(profile('team-a', []))(createRequest(secret));
    expect(message).toMatch(/^This namespace may not use the profile team-a/);
    const both = naming(secret, 'a,b');
    const tokens = provider();
    const refusal = await admissionWith(
      profile('a', ['*'], tokens),
      profile('b', ['*']),
    )(createRequest(both));
    expect(refusal).toMatchObject({
      result: 'refused',
      code: 422,
      message: expect.stringContaining('several profiles (a, b)'),
    });
    expect(tokens.asked).toBe(0);
  });

  it('gives the service account of the refresher no other way around its rules', async () => {
    const stored = filledSecret(11);
    const changed = naming({ ...stored, metadata: { ...stored.metadata, labels: {} } }, 'there-is-none');
    const request = { ...updateRequest(changed, stored), userInfo: { username: REFRESHER } };
    expect(await admissionWith(profile('team-a', []))(request)).toMatchObject({
      result: 'refused',
      code: 403,
    });
  });

  it('is refused if two of them have the same registry, which is known only when the tokens have come', async () => {
    const [one, other] = [provider(), provider()];
    const answerTo = admissionWith(profile('a', ['*'], one), profile('b', ['*'], other));
    const request = createRequest(naming(fakeSecret(), 'a,b'));
    for (const asked of [1, 1]) {
      const { result, code, message } = await answerTo(request);
      expect({ result, code }).toEqual({ result: 'refused', code: 422 });
      expect(message).toContain(`The profiles a and b of ECR Anywhere both have credentials for ${OWN_HOST}`);
      expect([one.asked, other.asked]).toEqual([asked, asked]); // the second refusal needs no token
    }
  });
});
