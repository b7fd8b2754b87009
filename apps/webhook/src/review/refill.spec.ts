import { ANNOTATIONS, SECRET_KEY } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyPatch, type Operation } from 'rfc6902';
import { fill, newStamp, placing, putBack } from './refill.ts';
import type { Secret } from './secret.ts';
import { fakeSecret, filledSecret, HASH, NOW, withAnnotations } from '../testing/requests.ts';

const STAMP = newStamp({ now: NOW, expiresAt: NOW + 1, configHash: HASH }, undefined);

function patched(secret: Secret, patch: ReturnType<typeof fill>): Secret {
  const result = structuredClone(secret);
  expect(applyPatch(result, patch as Operation[])).toEqual(patch.map(() => null));
  return result;
}

describe('a patch of a Secret', () => {
  it('fills one without data and without annotations', () => {
    const result = patched({ metadata: {} }, fill({ metadata: {} }, placing('AAAA'), STAMP));
    expect(result.data).toEqual({ [SECRET_KEY]: 'AAAA' });
    expect(result.metadata?.annotations?.[ANNOTATIONS.expiresAt]).toBe(new Date(NOW + 1).toISOString());
  });

  it('is empty where everything is as it should be', () => {
    const old = filledSecret(11, { mark: 'once' });
    const data = old.data?.[SECRET_KEY] ?? '';
    expect(putBack(old, old, { data, expiresAt: NOW })).toEqual([]);
  });

  it('puts the mark back with the rest', () => {
    const old = filledSecret(11, { mark: 'once' });
    const result = patched(fakeSecret(), putBack(fakeSecret(), old, { data: 'AAAA', expiresAt: NOW }));
    expect(result.metadata?.annotations).toEqual(old.metadata?.annotations);
  });

  it("does not put the user's annotations back over him, also if their names are of the contract", () => {
    const picks = (profile: string) => ({
      'ecr-anywhere.centml.ai/profile': profile,
      'example.com/a': profile,
    });
    const old = withAnnotations(filledSecret(11, { mark: 'once' }), picks('before'));
    const written = withAnnotations(fakeSecret(), picks('after'));
    const result = patched(written, putBack(written, old, { data: 'AAAA', expiresAt: NOW }));
    expect(result.metadata?.annotations).toEqual({ ...old.metadata?.annotations, ...picks('after') });
  });

  it('puts no mark back that is longer than anybody writes, so that answers stay short', () => {
    const old = filledSecret(11, { mark: 'x'.repeat(5_000) });
    const patch = putBack(fakeSecret(), old, { data: 'AAAA', expiresAt: NOW });
    expect(JSON.stringify(patch).length).toBeLessThan(1_000);
    const { annotations } = patched(fakeSecret(), patch).metadata ?? {};
    expect(annotations?.[ANNOTATIONS.configHash]).toBe(HASH);
  });

  it('gives another updated_at than before, even within a millisecond', () => {
    const old = withAnnotations(fakeSecret(), { [ANNOTATIONS.updatedAt]: new Date(NOW).toISOString() });
    expect(newStamp({ now: NOW, expiresAt: NOW, configHash: HASH }, old).updatedAt).toBe(
      new Date(NOW + 1).toISOString(),
    );
  });

  it('touches nothing but our key and our annotations, whatever else there is', () => {
    const names = fc.string({ minLength: 1 }).filter((name) => name !== '__proto__');
    fc.assert(
      fc.property(
        fc.option(fc.dictionary(names, fc.base64String()), { nil: undefined }),
        fc.option(fc.dictionary(names, fc.string()), { nil: undefined }),
        fc.base64String({ minLength: 4 }),
        (data, annotations, value) => {
          const secret: Secret = {
            ...(data && { data: { ...data } }),
            metadata: { name: 'x', ...(annotations && { annotations: { ...annotations } }) },
          };
          const result = patched(secret, fill(secret, placing(value), STAMP));
          expect(result.data).toEqual({ ...data, [SECRET_KEY]: value });
          expect(result.metadata?.annotations).toEqual({
            ...annotations,
            [ANNOTATIONS.expiresAt]: STAMP.expiresAt,
            [ANNOTATIONS.updatedAt]: STAMP.updatedAt,
            [ANNOTATIONS.configHash]: HASH,
          });
        },
      ),
    );
  });
});
