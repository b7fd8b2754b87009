import {
  EcrTokenError,
  type EcrTokenProvider,
  type EcrTokenRequest,
  type EcrTokenResult,
} from '@ecr-anywhere/ecr-token';
import { ANNOTATIONS, SECRET_KEY } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { admission, type AdmissionOptions } from './admission.ts';
import type { Secret } from './secret.ts';
import {
  createRequest,
  fakeSecret,
  filledSecret,
  HASH,
  HOUR,
  NOW,
  OWN_HOST,
  review,
  token,
  updateRequest,
  withAnnotations,
} from './testing/requests.ts';
import { WaitingRoom } from './waiting-room.ts';

const SETTINGS = {
  threshold: 6 * HOUR,
  margin: HOUR / 2,
  configHash: HASH,
  region: 'eu-west-1',
  registryHosts: ['mirror.example.com'],
  waiting: new WaitingRoom(Infinity),
};
const TIMEOUT = 8_000;

/** A provider that always gives the same, and remembers what it was asked for. */
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

/** What the patch of an answer puts at a path. */
function patchOf({ response }: { response: { patch?: string } }): { path: string; value: unknown }[] {
  return response.patch === undefined
    ? []
    : (JSON.parse(Buffer.from(response.patch, 'base64').toString()) as { path: string; value: unknown }[]);
}

function dataOf(answer: { response: { patch?: string } }): string {
  const { value } = patchOf(answer).find(({ path }) => path.startsWith('/data'))!;
  return typeof value === 'string' ? value : (value as Record<string, string>)[SECRET_KEY]!;
}

function passwordsIn(answer: { response: { patch?: string } }): string[] {
  const { auths } = JSON.parse(Buffer.from(dataOf(answer), 'base64').toString()) as {
    auths: Record<string, { password: string }>;
  };
  return Object.values(auths).map(({ password }) => password);
}

describe('the answer to a review', () => {
  it('holds credentials for the registry of the token and for the hosts of the settings', async () => {
    const { review: answer, result } = await admission({
      ...SETTINGS,
      tokens: provider({ token: token(12) }),
    })(review(createRequest(fakeSecret())), TIMEOUT);
    expect(result).toBe('refreshed');
    const { auths } = JSON.parse(Buffer.from(dataOf(answer), 'base64').toString()) as { auths: object };
    expect(Object.keys(auths)).toEqual([OWN_HOST, 'mirror.example.com']);
  });

  it.each(['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'] as const)(
    'comes in the version of the question: %s',
    async (apiVersion) => {
      const admit = admission({ ...SETTINGS, tokens: provider({ token: token(12) }) });
      const { review: answer } = await admit(review(createRequest(fakeSecret()), apiVersion), TIMEOUT);
      expect(answer).toMatchObject({ apiVersion, response: { uid: '6f1b', allowed: true } });
    },
  );

  it('asks AWS for nothing where nothing is asked for', async () => {
    const tokens = provider(failure('network'));
    const admit = admission({ ...SETTINGS, tokens });
    const { review: answer, result } = await admit(
      review(updateRequest(fakeSecret(), filledSecret(11))),
      TIMEOUT,
    );
    expect(result).toBe('kept');
    expect(dataOf(answer)).toBe(filledSecret(11).data?.[SECRET_KEY]);
    expect(tokens.asked).toEqual([]);
  });

  it('holds those of the next token once there is one', async () => {
    const tokens = provider({ token: token(11) });
    const next = provider({ token: token(12, 'of-the-next-token') });
    let current = tokens;
    const changing = { ...tokens, get: () => current.get(), peek: () => current.peek() };
    const admit = admission({ ...SETTINGS, tokens: changing });
    const passwordIn = async () => {
      const { review: answer } = await admit(review(createRequest(fakeSecret())), TIMEOUT);
      const { auths } = JSON.parse(Buffer.from(dataOf(answer), 'base64').toString()) as {
        auths: Record<string, { password: string }>;
      };
      return auths[OWN_HOST]?.password;
    };
    expect(await passwordIn()).toBe(token(11).password);
    expect(await passwordIn()).toBe(token(11).password);
    current = next;
    expect(await passwordIn()).toBe('of-the-next-token');
  });

  it('is judged by the time of AWS, as the provider tells it', async () => {
    const later = NOW + 3 * HOUR;
    const tokens = provider({ token: token(12) }, later);
    const { review: answer, result } = await admission({ ...SETTINGS, tokens })(
      review(updateRequest(fakeSecret(), filledSecret(9))), // of which six hours are left by then
      TIMEOUT,
    );
    expect(result).toBe('refreshed');
    expect(patchOf(answer).find(({ path }) => path === '/metadata/annotations')?.value).toMatchObject({
      [ANNOTATIONS.updatedAt]: new Date(later).toISOString(),
    });
  });

  describe('to a mark', () => {
    const old = filledSecret(11);
    const marked = (secret: Secret) =>
      review(updateRequest(withAnnotations(secret, { [ANNOTATIONS.markedForUpdateAt]: 'now' }), secret));

    it('asks for a token of the last minute where the Secret claims to end later than the one at hand', async () => {
      const tokens = provider({ token: token(10) });
      const { review: answer, result } = await admission({ ...SETTINGS, tokens })(marked(old), TIMEOUT);
      expect(tokens.asked).toEqual([{ timeout: TIMEOUT, issuedWithin: 60_000 }]);
      expect(result).toBe('refreshed');
      expect(passwordsIn(answer)).toEqual([token(10).password, token(10).password]);
      expect(answer.response.warnings).toBeUndefined();
    });

    it('asks for any token that will do where the one at hand ends no sooner', async () => {
      const tokens = provider({ token: token(11) });
      await admission({ ...SETTINGS, tokens })(marked(old), TIMEOUT);
      expect(tokens.asked).toEqual([{ timeout: TIMEOUT, issuedWithin: undefined }]);
    });

    it('leaves the old credential where AWS does not answer, with a warning and a new updated_at', async () => {
      const admit = admission({
        ...SETTINGS,
        tokens: provider({ token: token(10), stale: failure('network') }),
      });
      const { review: answer, result } = await admit(marked(old), TIMEOUT);
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

    it('leaves the old credential where AWS gives a token that lives shorter than threshold and margin', async () => {
      const admit = admission({ ...SETTINGS, tokens: provider({ token: token(6.5) }) });
      const answer = await admit(marked(old), TIMEOUT);
      expect(answer).toMatchObject({ result: 'refreshed', isShortLived: true });
      expect(patchOf(answer.review).map(({ path }) => path)).toEqual([
        '/metadata/annotations/ecr-anywhere.centml.ai~1updated_at',
      ]);
      expect(answer.review.response.warnings).toEqual([
        'AWS gives ECR Anywhere a short-lived token; the old credentials stay, until 2026-01-02 14:04 UTC',
      ]);
    });
  });

  it('without a mark never shortens: an old credential that ends later than the token stays', async () => {
    const tokens = provider({ token: token(3) });
    const { review: answer } = await admission({ ...SETTINGS, tokens })(
      review(updateRequest(fakeSecret(), filledSecret(5))),
      TIMEOUT,
    );
    expect(tokens.asked).toEqual([{ timeout: TIMEOUT, issuedWithin: undefined }]);
    expect(dataOf(answer)).toBe(filledSecret(5).data?.[SECRET_KEY]);
  });

  it('warns where the token lives shorter than threshold and margin, and lets the write pass', async () => {
    const admit = admission({ ...SETTINGS, tokens: provider({ token: token(6.5) }) });
    const {
      review: answer,
      result,
      isShortLived,
    } = await admit(review(createRequest(fakeSecret())), TIMEOUT);
    expect({ result, isShortLived }).toEqual({ result: 'refreshed', isShortLived: true });
    expect(answer.response.warnings).toEqual([
      'AWS gives ECR Anywhere a short-lived token; these credentials are good until 2026-01-02 09:34 UTC',
    ]);
  });

  it('warns where an older token has to bridge', async () => {
    const admit = admission({
      ...SETTINGS,
      tokens: provider({ token: token(9), stale: failure('network') }),
    });
    const { review: answer, result } = await admit(review(createRequest(fakeSecret())), TIMEOUT);
    expect(result).toBe('bridged');
    expect(answer.response.allowed).toBe(true);
    expect(answer.response.warnings).toEqual([
      'ECR Anywhere cannot renew its token (network); these credentials are good until 2026-01-02 12:04 UTC',
    ]);
  });

  it.each([
    { code: 'network' as const, status: { code: 503, reason: 'ServiceUnavailable' }, result: 'unavailable' },
    { code: 'role-denied' as const, status: { code: 403, reason: 'Forbidden' }, result: 'denied' },
  ])('refuses with cause and remedy where there is no token ($code)', async ({ code, status, result }) => {
    const admit = admission({ ...SETTINGS, tokens: provider(failure(code)) });
    const answer = await admit(review(createRequest(fakeSecret())), TIMEOUT);
    expect(answer.result).toBe(result);
    expect(answer.review.response).toEqual({
      uid: '6f1b',
      allowed: false,
      status: { ...status, message: 'No ECR token could be had: ECR is not there; mend the network' },
    });
  });

  it('takes a place by the size of the review while it waits, up to what its connection keeps of it', async () => {
    const taken: number[] = [];
    const waiting: AdmissionOptions['waiting'] = {
      async wait(kept, _, ask) {
        taken.push(kept);
        return ask({});
      },
    };
    const admit = admission({ ...SETTINGS, waiting, tokens: provider({ token: token(12) }) });
    for (const bytes of [60_000, 8_000_000])
      await admit(review(createRequest(fakeSecret())), TIMEOUT, undefined, bytes);
    expect(taken).toEqual([60_000, 64 * 1024]);
  });

  it('lets an exception through that is not about tokens: the route answers it', async () => {
    const tokens = { ...provider({ token: token(1) }), get: () => Promise.reject(new Error('a defect')) };
    await expect(
      admission({ ...SETTINGS, tokens })(review(createRequest(fakeSecret())), TIMEOUT),
    ).rejects.toThrow('a defect');
  });
});
