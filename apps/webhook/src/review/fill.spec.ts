import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { applyPatch, type Operation } from 'rfc6902';
import type { Secret } from '../consumers/secret.ts';
import { newAnnotations, storedAnnotations } from './annotations.ts';
import { fill } from './fill.ts';
import { filledSecret, HASH, KEY, NOW, withAnnotations } from '../testing/requests.ts';

const NEW = newAnnotations(
  { now: NOW, ends: new Map([['default/eu-west-1', NOW + 1]]), configHash: HASH },
  undefined,
);

function patched(secret: Secret, patch: ReturnType<typeof fill>): Secret {
  const result = structuredClone(secret);
  expect(applyPatch(result, patch as Operation[])).toEqual(patch.map(() => null));
  return result;
}

describe('a patch of a Secret', () => {
  it('fills a Secret without data and without annotations', () => {
    const result = patched({ metadata: {} }, fill({ metadata: {} }, { data: { [KEY]: 'AAAA' } }, NEW));
    expect(result.data).toEqual({ [KEY]: 'AAAA' });
    expect(result.metadata?.annotations?.[ANNOTATIONS.expiresAt]).toBe(new Date(NOW + 1).toISOString());
  });

  it('takes an annotation away that no longer fits', () => {
    const old = withAnnotations(filledSecret(11), { [ANNOTATIONS.expiresAtEach]: 'a/b=missing' });
    const { annotations } = patched(old, fill(old, { data: old.data! }, NEW)).metadata!;
    expect(Object.keys(annotations!)).not.toContain(ANNOTATIONS.expiresAtEach);
  });

  it('is empty if the Secret already has all of it', () => {
    const old = filledSecret(11, { mark: 'once' });
    expect(fill(old, { data: old.data! }, storedAnnotations(old, { hasOneCredential: true }))).toEqual([]);
  });

  it('changes only our key and our annotations, and keeps everything else', () => {
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
          const result = patched(secret, fill(secret, { data: { [KEY]: value } }, NEW));
          expect(result.data).toEqual({ ...data, [KEY]: value });
          expect(result.metadata?.annotations).toEqual({
            ...annotations,
            [ANNOTATIONS.expiresAt]: NEW.expiresAt,
            [ANNOTATIONS.updatedAt]: NEW.updatedAt,
            [ANNOTATIONS.configHash]: HASH,
          });
        },
      ),
    );
  });
});
