import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import type { Secret } from '../consumers/secret.ts';
import { newAnnotations } from './annotations.ts';
import { outlineOf } from './outline.ts';
import { fill } from './fill.ts';
import {
  fakeSecret,
  filledSecret,
  HASH,
  KEY,
  NOW,
  review,
  updateRequest,
  withAnnotations,
} from '../testing/requests.ts';

const annotationsAfter = (old: Secret | null | undefined) =>
  newAnnotations({ now: NOW, ends: new Map([['default/eu-west-1', NOW]]), configHash: HASH }, old);

describe('the outline of a review', () => {
  it.each<[string, Secret]>([
    ['as it was written', filledSecret(11)],
    ['with other annotations and keys', withAnnotations(fakeSecret({ data: { other: 'x' } }), { a: 'b' })],
    ['with neither', fakeSecret({ data: null })],
    [
      'with annotations that are too long',
      withAnnotations(fakeSecret(), { [ANNOTATIONS.expiresAtEach]: 'x'.repeat(10_000) }),
    ],
    ['that is empty', {}],
    ['of wrong types', { metadata: 'text', data: 'text' } as unknown as Secret],
    [
      'with annotations of wrong types',
      { metadata: { annotations: { [ANNOTATIONS.updatedAt]: 7 } } } as unknown as Secret,
    ],
  ])('leads to the same patch as the review: a Secret %s', (_, secret) => {
    const old = withAnnotations(filledSecret(9), { [ANNOTATIONS.updatedAt]: new Date(NOW).toISOString() });
    const { object, oldObject } = outlineOf(review(updateRequest(secret, old)), [KEY]).request;
    const credentials = { data: filledSecret(11).data! };
    const patch = fill(object!, credentials, annotationsAfter(oldObject));
    expect(patch).toEqual(fill(secret, credentials, annotationsAfter(old)));
  });

  it('is small, however large the review is', () => {
    const long = 'x'.repeat(1_000_000);
    const names = Object.fromEntries(Object.values(ANNOTATIONS).map((name) => [name, long]));
    const secret = withAnnotations(
      fakeSecret({ data: { [KEY]: long, [long]: long }, metadata: { generateName: long } }),
      { ...names, [long]: long },
    );
    const request = {
      ...updateRequest(secret, secret),
      name: long,
      namespace: long,
      userInfo: { uid: long },
    };
    expect(JSON.stringify(outlineOf(review(request), [KEY])).length).toBeLessThan(1_000);
  });
});
