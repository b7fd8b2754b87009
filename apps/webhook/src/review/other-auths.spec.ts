import { describe, expect, it } from '@jest/globals';
import type { EcrTokenProvider } from '@ecr-anywhere/ecr-token';
import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { MOST_OTHER_AUTHS } from '../consumers/other-auths.ts';
import type { Secret } from '../consumers/secret.ts';
import {
  createRequest,
  fakeSecret,
  filledSecret,
  HASH,
  KEY,
  NOW,
  OWN_HOST,
  POLICY,
  review,
  token,
  updateRequest,
  withAnnotations,
} from '../testing/requests.ts';
import { createAdmission } from './admission.ts';
import { credentialWriter } from './credential-writer.ts';
import { decide } from './decision.ts';
import { outlineOf } from './outline.ts';
import { NO_RULES } from './write-rules.ts';

const HUB = { 'docker.io': { auth: 'Ym9iOnB3' } };
const QUAY = { 'quay.io': { auth: 'Ym9iOnB3' } };
const MIRROR = 'mirror.example.com';
const PLAN = { kind: 'default', roles: [], warnings: [] } as const;
const MARK = { [ANNOTATIONS.markedForUpdateAt]: 'now' };

interface Config {
  readonly auths: Record<string, object>;
}
const configOf = (data: Secret['data']) =>
  JSON.parse(Buffer.from(data?.[KEY] ?? '', 'base64').toString()) as Config;
const dataOf = (auths: object) => ({
  [KEY]: Buffer.from(JSON.stringify({ auths })).toString('base64'),
});

/** A Secret with these entries that keeps other ones. */
const keeping = (auths: object, asked = 'true') =>
  withAnnotations(fakeSecret({ data: dataOf(auths) }), { [ANNOTATIONS.keepOtherAuths]: asked });

/** The same after the webhook has filled it. */
function filled(others: object, hours = 11): Secret {
  const secret = filledSecret(hours);
  return withAnnotations(
    { ...secret, data: dataOf({ ...configOf(secret.data).auths, ...others }) },
    { [ANNOTATIONS.keepOtherAuths]: 'true' },
  );
}

function kept(object: Secret, old: Secret): Config {
  const decision = decide(updateRequest(object, old), POLICY);
  if (decision.kind !== 'kept') throw new Error(decision.kind);
  return configOf(decision.data);
}

describe('an UPDATE of a Secret that keeps the entries of other registries', () => {
  it('changes nothing if it asks for nothing', () => {
    const decision = decide(updateRequest(filled(HUB), filled(HUB)), POLICY);
    expect(decision).toMatchObject({ kind: 'kept', data: filled(HUB).data });
  });

  it('takes the other entries of the new object, and keeps the credentials of the old one', () => {
    const old = filled(HUB);
    const ours = { [OWN_HOST]: configOf(old.data).auths[OWN_HOST], [MIRROR]: expect.anything() };
    expect(kept(keeping(QUAY), old)).toEqual({ auths: { ...ours, ...QUAY } });
    expect(kept(keeping({}), old)).toEqual({ auths: ours });
    expect(kept(keeping({ [MIRROR]: { auth: 'Ym9iOnB3' } }), old)).toEqual({ auths: ours });
  });

  it('drops the other entries with the annotation', () => {
    const { auths } = kept(keeping(HUB, 'false'), filled(HUB));
    expect(Object.keys(auths)).toEqual([OWN_HOST, MIRROR]);
  });

  it('starts to keep them with the annotation', () => {
    const { auths } = kept(keeping(HUB), filledSecret(11));
    expect(Object.keys(auths)).toEqual([OWN_HOST, MIRROR, 'docker.io']);
  });

  it('is refused with FAKE, which would remove them', () => {
    const fake = { ...keeping({}), data: { [KEY]: 'FAKE' } };
    expect(decide(updateRequest(fake, filled(HUB)), POLICY)).toMatchObject({ kind: 'refused' });
    expect(decide(createRequest(fake), POLICY)).toMatchObject({ kind: 'refused' });
  });

  it('writes them beside a new token, although other Secrets get the same token without them', () => {
    const marked = withAnnotations(filled(HUB), MARK);
    const decision = decide(updateRequest(marked, filled(HUB)), POLICY);
    if (decision.kind !== 'due') throw new Error(decision.kind);
    const write = credentialWriter({ dockerConfigFields: 'auth' });
    const [{ grant }] = decision.grants as [(typeof decision.grants)[number]];
    const choice = {
      kind: 'token',
      token: token(12),
      expiresAt: 0,
      trouble: undefined,
      isShortLived: false,
    } as const;
    const keysOf = (rest?: string) =>
      Object.keys(configOf(write([{ grant, choice }], decision.consumer, rest).data).auths);
    expect(keysOf()).toEqual([OWN_HOST, MIRROR]);
    expect(keysOf(decision.rest)).toEqual([OWN_HOST, MIRROR, 'docker.io']);
    expect(keysOf()).toEqual([OWN_HOST, MIRROR]);
  });

  it('works up to the limit: the outline holds them, and the old credentials are found beside them', () => {
    const padding = MOST_OTHER_AUTHS - JSON.stringify({ 'docker.io': { auth: '' } }).length;
    const many = { 'docker.io': { auth: 'x'.repeat(padding) } };
    const secret = filled(many);
    expect(kept(secret, secret)).toEqual(configOf(secret.data));
    const request = updateRequest(withAnnotations(secret, MARK), secret);
    const decision = decide(request, POLICY);
    if (decision.kind !== 'due') throw new Error(decision.kind);
    expect(decision.grants[0]?.old?.isOurs).toBe(true);
    expect(decision.rest).toHaveLength(MOST_OTHER_AUTHS);
    const outline = outlineOf(review(request), [KEY], decision.rest);
    expect(outline.request.object?.data).toEqual(secret.data);
    const more = keeping({ 'docker.io': { auth: 'x'.repeat(padding + 1) } });
    expect(decide(updateRequest(more, secret), POLICY)).toMatchObject({ kind: 'refused' });
  });

  it('counts them as memory while it waits for AWS', async () => {
    const held: number[] = [];
    const tokens: EcrTokenProvider = {
      get: async () => ({ token: token(12) }),
      now: () => NOW,
      peek: () => token(12),
      invalidate: () => undefined,
      close: () => undefined,
    };
    const target = { identity: PLAN, client: { region: 'eu-west-1' }, hosts: [MIRROR], tokens };
    const profile = { name: 'default', namespaces: 'all', hash: HASH, targets: [target] } as const;
    const admission = createAdmission({
      profiles: { choose: () => ({ kind: 'chosen', profiles: [profile], hash: HASH }) },
      threshold: POLICY.threshold,
      margin: 0,
      dockerConfigFields: 'auth',
      rules: NO_RULES,
      waiting: {
        wait: (bytes, _, ask) => {
          held.push(bytes);
          return ask({ explain: (error) => error });
        },
      },
    });
    const limits = { timeout: 8_000, bytes: 0, onGone: () => undefined };
    for (const auths of [{}, { 'docker.io': { auth: 'x'.repeat(60_000) } }]) {
      const decided = admission.decide(review(createRequest(keeping(auths))));
      expect((await admission.answer(decided, limits)).result).toBe('refreshed');
    }
    // The text, and the same in Base64 in the outline.
    expect(held[1]! - held[0]!).toBeGreaterThan(60_000 + 80_000);
  });
});
