import type { AdmissionReview } from '@ecr-anywhere/admission';
import {
  EcrTokenError,
  type EcrTokenProvider,
  type EcrTokenRequest,
  type EcrTokenResult,
} from '@ecr-anywhere/ecr-token';
import { ANNOTATIONS, LABELS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import type { Secret } from '../consumers/secret.ts';
import type { ServedProfile, ServedTarget } from '../profiles/served-profiles.ts';
import { createAdmission, type AdmissionOptions, type AnswerLimits } from './admission.ts';
import type { Answer } from './answer.ts';
import {
  createRequest,
  fakeSecret,
  filledSecret,
  HASH,
  HOUR,
  KEY,
  NOW,
  OTHER_HOST,
  OWN_HOST,
  review,
  token,
  tokenElsewhere,
  updateRequest,
  withAnnotations,
} from '../testing/requests.ts';
import { WaitingRoom } from '../grants/waiting-room.ts';
import { NO_RULES } from './write-rules.ts';

const SETTINGS = {
  threshold: 6 * HOUR,
  margin: HOUR / 2,
  waiting: new WaitingRoom(Infinity),
  rules: NO_RULES,
  dockerConfigFields: 'auth' as const,
};

/** One profile, which has the hash of the test's Secrets, with a token for each region. */
function profilesWith(
  tokens: EcrTokenProvider,
  hash = HASH,
  elsewhere?: EcrTokenProvider,
): AdmissionOptions['profiles'] {
  const target = (region: string, hosts: readonly string[], provider: EcrTokenProvider): ServedTarget => ({
    identity: { kind: 'default', roles: [], warnings: [] },
    client: { region },
    hosts,
    tokens: provider,
  });
  const others = elsewhere === undefined ? [] : [target('us-east-1', [], elsewhere)];
  const profile: ServedProfile = {
    name: 'default',
    namespaces: 'all',
    hash,
    targets: [target('eu-west-1', ['mirror.example.com'], tokens), ...others],
  };
  return { choose: () => ({ kind: 'chosen', profiles: [profile], hash }) };
}

const TIMEOUT = 8_000;
const LIMITS: AnswerLimits = { timeout: TIMEOUT, bytes: 0, onGone: () => undefined };

/** A provider that always gives the same result, and records the requests. */
function provider(
  result: EcrTokenResult | EcrTokenError,
  now = NOW,
): EcrTokenProvider & { asked: EcrTokenRequest[] } {
  const asked: EcrTokenRequest[] = [];
  return {
    asked,
    get: async (request = {}) => {
      asked.push(request);
      if (result instanceof EcrTokenError) throw result;
      return result;
    },
    now: () => now,
    peek: () => (result instanceof EcrTokenError ? undefined : result.token),
    invalidate: () => undefined,
    close: () => undefined,
  };
}

function failure(code: 'network' | 'role-denied'): EcrTokenError {
  return new EcrTokenError({ code, message: 'ECR is not there', remedy: 'mend the network' });
}

/** The answer to a review with these settings, after both steps. */
function answerTo(
  asked: AdmissionReview,
  { tokens, ...options }: Partial<AdmissionOptions> & { tokens: EcrTokenProvider },
  limits: Partial<AnswerLimits> = {},
): Promise<Answer> {
  const { decide, answer } = createAdmission({ ...SETTINGS, profiles: profilesWith(tokens), ...options });
  return answer(decide(asked), { ...LIMITS, ...limits });
}

/** The value that the patch of an answer has at a path. */
function patchOf({ response }: { response: { patch?: string } }): { path: string; value: unknown }[] {
  return response.patch === undefined
    ? []
    : (JSON.parse(Buffer.from(response.patch, 'base64').toString()) as { path: string; value: unknown }[]);
}

function dataOf(answer: { response: { patch?: string } }): string {
  const { value } = patchOf(answer).find(({ path }) => path.startsWith('/data'))!;
  return typeof value === 'string' ? value : (value as Record<string, string>)[KEY]!;
}

function passwordsIn(answer: { response: { patch?: string } }): string[] {
  const { auths } = JSON.parse(Buffer.from(dataOf(answer), 'base64').toString()) as {
    auths: Record<string, { auth: string }>;
  };
  return Object.values(auths).map(({ auth }) => Buffer.from(auth, 'base64').toString().replace('AWS:', ''));
}

describe('the answer to a review', () => {
  it('holds credentials for the registry of the token and for the hosts of the settings', async () => {
    const tokens = provider({ token: token(12) });
    const { review: answer, result } = await answerTo(review(createRequest(fakeSecret())), { tokens });
    expect(result).toBe('refreshed');
    const { auths } = JSON.parse(Buffer.from(dataOf(answer), 'base64').toString()) as { auths: object };
    expect(Object.keys(auths)).toEqual([OWN_HOST, 'mirror.example.com']);
  });

  describe.each([
    ['auth', 'username,password,auth'],
    ['username,password,auth', 'auth'],
  ] as const)('with the fields %s, about a Secret with %s', (dockerConfigFields, stored) => {
    const old = filledSecret(11, { fields: stored });
    const answerAbout = (object: Secret) =>
      answerTo(review(updateRequest(object, old)), {
        tokens: provider({ token: token(12) }),
        dockerConfigFields,
      });

    it('keeps it as it is if the update has no new mark', async () => {
      const { review: answer, result } = await answerAbout(fakeSecret());
      expect(result).toBe('kept');
      expect(dataOf(answer)).toBe(old.data?.[KEY]);
    });

    it('writes the other fields if the update has a new mark', async () => {
      const marked = withAnnotations(old, { [ANNOTATIONS.markedForUpdateAt]: 'new' });
      const { review: answer, result } = await answerAbout(marked);
      expect(result).toBe('refreshed');
      const { auths } = JSON.parse(Buffer.from(dataOf(answer), 'base64').toString()) as { auths: object };
      for (const entry of Object.values(auths)) expect(Object.keys(entry).join()).toBe(dockerConfigFields);
    });
  });

  it('refuses what the service account of the refresher may not write with status 403', async () => {
    const refresher = 'system:serviceaccount:ecr-anywhere:ecr-anywhere-refresher';
    const request = {
      ...updateRequest(fakeSecret(), filledSecret(2)),
      userInfo: { username: refresher },
    };
    const options = { tokens: provider({ token: token(12) }), rules: { ...NO_RULES, refresher } };
    const { review: answer, result } = await answerTo(review(request), options);
    expect(result).toBe('refused');
    expect(answer.response).toMatchObject({
      allowed: false,
      status: { code: 403, reason: 'Forbidden', message: expect.stringContaining('changes data') },
    });
  });

  it.each(['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'] as const)(
    'has the version of the review: %s',
    async (apiVersion) => {
      const tokens = provider({ token: token(12) });
      const { review: answer } = await answerTo(review(createRequest(fakeSecret()), apiVersion), { tokens });
      expect(answer).toMatchObject({ apiVersion, response: { uid: '6f1b', allowed: true } });
    },
  );

  describe('follows the profile of the Secret', () => {
    const blue = profilesWith(provider({ token: token(12, 'of-blue') }), 'hash-of-blue');
    const red = profilesWith(provider({ token: token(12, 'of-red') }), 'hash-of-red');
    const { decide, answer } = createAdmission({
      ...SETTINGS,
      profiles: { choose: (request) => (request.namespace === 'blue' ? blue : red).choose(request) },
    });

    it("and has this profile's credentials and hash, after requests for any other profile", async () => {
      for (const name of ['blue', 'red', 'blue']) {
        const request = createRequest(fakeSecret(), { namespace: name });
        const { review: filled } = await answer(decide(review(request)), LIMITS);
        expect(passwordsIn(filled)).toEqual([`of-${name}`, `of-${name}`]);
        expect(patchOf(filled).find(({ path }) => path === '/metadata/annotations')?.value).toMatchObject({
          [ANNOTATIONS.configHash]: `hash-of-${name}`,
        });
      }
    });

    it('and does not keep credentials that another profile filled in', async () => {
      const stored = withAnnotations(filledSecret(11), { [ANNOTATIONS.configHash]: 'hash-of-blue' });
      const resultIn = async (namespace: string) => {
        const update = { ...updateRequest(stored, stored), namespace };
        return (await answer(decide(review(update)), LIMITS)).result;
      };
      expect([await resultIn('blue'), await resultIn('red')]).toEqual(['kept', 'refreshed']);
    });
  });

  describe('without a profile for the Secret', () => {
    const { decide, answer } = createAdmission({
      ...SETTINGS,
      profiles: { choose: () => ({ kind: 'refused', message: 'no profile; ask somebody' }) },
    });

    it('refuses every write, and says why', async () => {
      for (const request of [createRequest(fakeSecret()), updateRequest(fakeSecret(), filledSecret(11))]) {
        const { review: refusal, result } = await answer(decide(review(request)), LIMITS);
        expect(result).toBe('refused');
        expect(refusal.response.status).toEqual({
          code: 422,
          reason: 'Invalid',
          message: 'no profile; ask somebody',
        });
      }
    });

    it('allows a Secret that is not managed, or is being deleted', async () => {
      const unmanaged = fakeSecret({ metadata: { labels: {} } });
      const deleted = fakeSecret({ metadata: { deletionTimestamp: '2026-01-02T03:04:05Z' } });
      for (const request of [createRequest(unmanaged), updateRequest(fakeSecret(), deleted)]) {
        const { review: allowed, result } = await answer(decide(review(request)), LIMITS);
        expect(result).toBe('untouched');
        expect(allowed.response.patch).toBeUndefined();
      }
    });
  });

  it('needs no AWS call if the write does not request new credentials', async () => {
    const tokens = provider(failure('network'));
    const { review: answer, result } = await answerTo(review(updateRequest(fakeSecret(), filledSecret(11))), {
      tokens,
    });
    expect(result).toBe('kept');
    expect(dataOf(answer)).toBe(filledSecret(11).data?.[KEY]);
    expect(tokens.asked).toEqual([]);
  });

  it('restores the mark of the stored Secret, up to 4 KiB', async () => {
    const tokens = provider(failure('network'));
    const old = filledSecret(11, { mark: 'm'.repeat(4_000) });
    const { review: answer } = await answerTo(review(updateRequest(fakeSecret(), old)), { tokens });
    expect(patchOf(answer).find(({ path }) => path === '/metadata/annotations')?.value).toEqual(
      old.metadata?.annotations,
    );
  });

  it('has the credentials of the next token as soon as AWS has issued it', async () => {
    const tokens = provider({ token: token(11) });
    const next = provider({ token: token(12, 'of-the-next-token') });
    let current = tokens;
    const changing = { ...tokens, get: () => current.get(), peek: () => current.peek() };
    const { decide, answer } = createAdmission({ ...SETTINGS, profiles: profilesWith(changing) });
    const password = async () => {
      const decided = decide(review(createRequest(fakeSecret())));
      return passwordsIn((await answer(decided, LIMITS)).review)[0];
    };
    expect(await password()).toBe(token(11).password);
    expect(await password()).toBe(token(11).password);
    current = next;
    expect(await password()).toBe('of-the-next-token');
  });

  it("uses AWS's time from the provider", async () => {
    const later = NOW + 3 * HOUR;
    const tokens = provider({ token: token(12) }, later);
    const nineHours = review(updateRequest(fakeSecret(), filledSecret(9))); // six hours are left at that time
    const { review: answer, result } = await answerTo(nineHours, { tokens });
    expect(result).toBe('refreshed');
    expect(patchOf(answer).find(({ path }) => path === '/metadata/annotations')?.value).toMatchObject({
      [ANNOTATIONS.updatedAt]: new Date(later).toISOString(),
    });
  });

  describe('to a mark', () => {
    const old = filledSecret(11);
    const marked = (secret: Secret) =>
      review(updateRequest(withAnnotations(secret, { [ANNOTATIONS.markedForUpdateAt]: 'now' }), secret));

    it('needs a token of the last minute if the Secret claims a later expiry than that of the cached token', async () => {
      const tokens = provider({ token: token(10) });
      const { review: answer, result } = await answerTo(marked(old), { tokens });
      expect(tokens.asked).toEqual([{ timeout: TIMEOUT, issuedWithin: 60_000 }]);
      expect(result).toBe('refreshed');
      expect(passwordsIn(answer)).toEqual([token(10).password, token(10).password]);
      expect(answer.response.warnings).toBeUndefined();
    });

    it('uses the cached token if it does not expire before the time that the Secret claims', async () => {
      const tokens = provider({ token: token(11) });
      await answerTo(marked(old), { tokens });
      expect(tokens.asked).toEqual([{ timeout: TIMEOUT, issuedWithin: undefined }]);
    });

    it('keeps the old credential if AWS does not answer, with a warning and a new updated_at', async () => {
      const tokens = provider({ token: token(10), stale: failure('network') });
      const { review: answer, result } = await answerTo(marked(old), { tokens });
      expect(result).toBe('bridged');
      expect(patchOf(answer)).toEqual([
        {
          op: 'add',
          path: '/metadata/annotations/ecr-anywhere.centml.ai~1updated_at',
          value: new Date(NOW).toISOString(),
        },
      ]);
      expect(answer.response.warnings).toEqual([
        'ECR Anywhere cannot renew its token (network); the old credentials stay, until 2026-01-02 14:04 UTC',
      ]);
    });

    it("keeps the old credential if AWS's token lives shorter than threshold plus margin", async () => {
      const answer = await answerTo(marked(old), { tokens: provider({ token: token(6.5) }) });
      expect(answer).toMatchObject({ result: 'refreshed', isShortLived: true });
      expect(patchOf(answer.review).map(({ path }) => path)).toEqual([
        '/metadata/annotations/ecr-anywhere.centml.ai~1updated_at',
      ]);
      expect(answer.review.response.warnings).toEqual([
        'AWS gives ECR Anywhere a short-lived token; the old credentials stay, until 2026-01-02 14:04 UTC',
      ]);
    });
  });

  it('without a mark, keeps an old credential that expires later than the token', async () => {
    const tokens = provider({ token: token(3) });
    const { review: answer } = await answerTo(review(updateRequest(fakeSecret(), filledSecret(5))), {
      tokens,
    });
    expect(tokens.asked).toEqual([{ timeout: TIMEOUT, issuedWithin: undefined }]);
    expect(dataOf(answer)).toBe(filledSecret(5).data?.[KEY]);
  });

  it('allows the write with a warning if the token lives shorter than threshold plus margin', async () => {
    const tokens = provider({ token: token(6.5) });
    const { review: answer, ...rest } = await answerTo(review(createRequest(fakeSecret())), { tokens });
    expect(rest).toMatchObject({ result: 'refreshed', isShortLived: true });
    expect(answer.response.warnings).toEqual([
      'AWS gives ECR Anywhere a short-lived token; these credentials are good until 2026-01-02 09:34 UTC',
    ]);
  });

  it('allows the write with a warning if AWS gives no token and the cached one can still be used', async () => {
    const tokens = provider({ token: token(9), stale: failure('network') });
    const { review: answer, result } = await answerTo(review(createRequest(fakeSecret())), { tokens });
    expect(result).toBe('bridged');
    expect(answer.response.allowed).toBe(true);
    expect(answer.response.warnings).toEqual([
      'ECR Anywhere cannot renew its token (network); these credentials are good until 2026-01-02 12:04 UTC',
    ]);
  });

  it.each([
    { code: 'network' as const, status: { code: 503, reason: 'ServiceUnavailable' }, result: 'unavailable' },
    { code: 'role-denied' as const, status: { code: 403, reason: 'Forbidden' }, result: 'denied' },
  ])('refuses with cause and remedy if there is no token ($code)', async ({ code, status, result }) => {
    const answer = await answerTo(review(createRequest(fakeSecret())), { tokens: provider(failure(code)) });
    expect(answer.result).toBe(result);
    expect(answer.review.response).toEqual({
      uid: '6f1b',
      allowed: false,
      status: {
        ...status,
        message: 'ECR Anywhere could not get an ECR token: ECR is not there; mend the network',
      },
    });
  });

  describe('with two regions', () => {
    const EACH = ANNOTATIONS.expiresAtEach;
    const ours = provider({ token: token(12) });
    const theirs = provider({ token: tokenElsewhere(11) });
    const away = provider(failure('network'));
    const denied = provider(failure('role-denied'));
    const both = (one: EcrTokenProvider, other: EcrTokenProvider) => ({
      tokens: one,
      profiles: profilesWith(one, HASH, other),
    });
    const annotationsIn = (answer: Answer) =>
      patchOf(answer.review).find(({ path }) => path === '/metadata/annotations')?.value;
    const hostsIn = ({ review: { response } }: Answer) => {
      const { auths } = JSON.parse(Buffer.from(dataOf({ response }), 'base64').toString()) as {
        auths: object;
      };
      return Object.keys(auths);
    };
    const create = () => review(createRequest(fakeSecret()));

    it('holds the credentials of both, and says when each ends', async () => {
      const answer = await answerTo(create(), both(ours, theirs));
      expect(answer.result).toBe('refreshed');
      expect(hostsIn(answer)).toEqual([OWN_HOST, 'mirror.example.com', OTHER_HOST]);
      expect(annotationsIn(answer)).toMatchObject({
        [ANNOTATIONS.expiresAt]: new Date(NOW + 11 * HOUR).toISOString(),
        [EACH]: 'default/eu-west-1=2026-01-02T15:04:05.678Z, default/us-east-1=2026-01-02T14:04:05.678Z',
      });
    });

    it('does not wait for a region that failed last time, and waits for the only one', async () => {
      const [one, other] = [provider({ token: token(12) }), provider({ token: tokenElsewhere(12) })];
      await answerTo(create(), both(one, other));
      expect([...one.asked, ...other.asked]).toEqual(
        Array(2).fill(expect.objectContaining({ unlessFailing: true })),
      );
      const alone = provider({ token: token(12) });
      await answerTo(create(), { tokens: alone });
      expect(alone.asked).toEqual([expect.not.objectContaining({ unlessFailing: true })]);
    });

    it('is allowed if one has a token, with a warning that names the other', async () => {
      const answer = await answerTo(create(), both(ours, away));
      expect(answer).toMatchObject({ result: 'incomplete', error: { code: 'network' } });
      expect(hostsIn(answer)).toEqual([OWN_HOST, 'mirror.example.com']);
      expect(answer.review.response.warnings).toEqual([
        'ECR Anywhere has no token for default/us-east-1 (network); the Secret has no credentials for it',
      ]);
      expect(annotationsIn(answer)).toMatchObject({
        [ANNOTATIONS.expiresAt]: new Date(NOW).toISOString(),
        [EACH]: 'default/eu-west-1=2026-01-02T15:04:05.678Z, default/us-east-1=missing',
      });
    });

    it('is refused if none has a token, with all reasons', async () => {
      const { review: answer, result } = await answerTo(create(), both(denied, away));
      expect(result).toBe('unavailable');
      expect(answer.response).toMatchObject({
        allowed: false,
        status: {
          code: 503,
          message:
            'ECR Anywhere could not get an ECR token: for default/eu-west-1: ECR is not there; mend the network. ' +
            'for default/us-east-1: ECR is not there; mend the network',
        },
      });
      expect((await answerTo(create(), both(denied, denied))).result).toBe('denied');
    });

    it('keeps the living entry of the first region if a second one is added while the first is away', async () => {
      const old = withAnnotations(filledSecret(3), { [ANNOTATIONS.configHash]: 'of-one-region' });
      const answer = await answerTo(review(updateRequest(fakeSecret(), old)), both(away, theirs));
      expect(answer.result).toBe('incomplete');
      expect(passwordsIn(answer.review)).toEqual(['password-of-old', 'password-of-old', 'password-of-aws']);
      expect(answer.review.response.warnings).toEqual([
        'ECR Anywhere has no token for default/eu-west-1 (network); the old credentials stay, and may have expired',
      ]);
    });

    it('keeps the entries that are there if a mirror is added while its region is away', async () => {
      const hosts = [OWN_HOST, OTHER_HOST];
      const old = withAnnotations(filledSecret(3, { hosts }), {
        [ANNOTATIONS.configHash]: 'without-the-mirror',
      });
      const answer = await answerTo(review(updateRequest(fakeSecret(), old)), both(away, theirs));
      expect(hostsIn(answer)).toEqual(hosts);
      expect(passwordsIn(answer.review)).toEqual(['password-of-old', 'password-of-aws']);
    });

    it('keeps an entry that somebody wrote in another form, while its region is away', async () => {
      const entry = { username: 'AWS', password: 'of-kubectl', email: 'a@example.com' };
      const auths = { [OWN_HOST]: entry, 'foreign.example.com': entry };
      const old = fakeSecret({ data: { [KEY]: Buffer.from(JSON.stringify({ auths })).toString('base64') } });
      const answer = await answerTo(review(updateRequest(fakeSecret(), old)), both(away, theirs));
      expect(answer.result).toBe('incomplete');
      expect(hostsIn(answer)).toEqual([OWN_HOST, OTHER_HOST]);
      expect(passwordsIn(answer.review)).toEqual(['of-kubectl', 'password-of-aws']);
    });

    it('drops an entry of a host that has the region in its name, but not its domain', async () => {
      const hosts = [`${OWN_HOST}.cn`, OWN_HOST];
      const old = withAnnotations(filledSecret(3), { [ANNOTATIONS.configHash]: 'of-one-region' });
      const text = Buffer.from(old.data![KEY]!, 'base64')
        .toString()
        .replaceAll('mirror.example.com', hosts[0]!);
      const forged = { ...old, data: { [KEY]: Buffer.from(text).toString('base64') } };
      const answer = await answerTo(review(updateRequest(fakeSecret(), forged)), both(away, theirs));
      expect(hostsIn(answer)).toEqual([OWN_HOST, OTHER_HOST]);
    });

    it('drops an entry that is known to have ended', async () => {
      const old = withAnnotations(filledSecret(-1), { [ANNOTATIONS.configHash]: 'of-one-region' });
      expect(hostsIn(await answerTo(review(updateRequest(fakeSecret(), old)), both(away, theirs)))).toEqual([
        OTHER_HOST,
      ]);
    });

    it('says nothing of an end of its own if there is only one region left', async () => {
      const old = withAnnotations(filledSecret(2), { [EACH]: 'default/us-east-1=missing' });
      const answer = await answerTo(review(updateRequest(old, old)), { tokens: ours });
      expect(patchOf(answer.review)).toContainEqual({
        op: 'remove',
        path: '/metadata/annotations/ecr-anywhere.centml.ai~1expires_at_each',
      });
    });
  });

  it('while it waits, takes a place of the size of the review, up to the read buffer of its connection', async () => {
    const taken: number[] = [];
    const waiting: AdmissionOptions['waiting'] = {
      async wait(kept, _, ask) {
        taken.push(kept);
        return ask({ explain: (error) => error });
      },
    };
    const options = { waiting, tokens: provider({ token: token(12) }) };
    for (const bytes of [60_000, 8_000_000])
      await answerTo(review(createRequest(fakeSecret())), options, { bytes });
    expect(taken).toEqual([60_000, 64 * 1024]);
  });

  it.each<[string, Partial<EcrTokenProvider>]>([
    ['decides', { peek: () => ({ proxyEndpoint: 7 }) as never }],
    ['carries the decision out', {}],
  ])('has only the uid and the refusal if a defect appears while it %s', async (_, broken) => {
    const tokens = {
      ...provider({ token: token(1) }),
      get: () => Promise.reject(new Error('canary')),
      ...broken,
    };
    const { review: answer, ...rest } = await answerTo(review(createRequest(fakeSecret())), { tokens });
    expect(rest).toMatchObject({ result: 'error', defect: expect.any(Error) });
    expect(answer.response).toMatchObject({ uid: '6f1b', allowed: false, status: { code: 500 } });
    expect(JSON.stringify(answer)).not.toContain('canary');
  });

  it('keeps no content of a large review while it waits for AWS', () => {
    const { decide } = createAdmission({
      ...SETTINGS,
      profiles: profilesWith(provider({ token: token(12) })),
    });
    const secret = fakeSecret({ data: { other: 'x'.repeat(1_000_000) } });
    expect(JSON.stringify(decide(review(updateRequest(secret, secret)))).length).toBeLessThan(1_000);
  });

  it('warns of other hosts that receive the password, when it fills the Secret and when it keeps it', async () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const { metadata } = filledSecret(11);
    const secret = fakeSecret({
      type: 'Opaque',
      metadata: {
        labels: { [LABELS.managed]: 'true', 'argocd.argoproj.io/secret-type': 'repository' },
        annotations: metadata?.annotations ?? {},
      },
      data: { url: base64(OWN_HOST), username: base64('AWS'), password: base64('password-of-old') },
    });
    const tokens = provider({ token: token(12) });
    for (const [request, result] of [
      [createRequest(secret), 'refreshed'],
      [updateRequest(secret, secret), 'kept'],
    ] as const) {
      const answer = await answerTo(review(request), { tokens });
      expect(answer.result).toBe(result);
      expect(answer.review.response.warnings).toEqual([expect.stringContaining('data.url has no path')]);
    }
  });
});
