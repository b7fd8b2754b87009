import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AdmissionReview } from './admission-review.ts';
import { allow, deny } from './answer.ts';
import { jsonPointer } from './json-pointer.ts';

const REVIEW = {
  apiVersion: 'admission.k8s.io/v1',
  kind: 'AdmissionReview',
  request: { uid: '6f1b' },
} as AdmissionReview;

describe('an answer', () => {
  it('repeats the uid and the version of the review', () => {
    expect(allow({ ...REVIEW, apiVersion: 'admission.k8s.io/v1beta1' })).toEqual({
      apiVersion: 'admission.k8s.io/v1beta1',
      kind: 'AdmissionReview',
      response: { uid: '6f1b', allowed: true },
    });
  });

  it('has the patch in Base64, and omits an empty patch', () => {
    const patch = [{ op: 'remove', path: '/data' }] as const;
    const { response } = allow(REVIEW, { patch });
    expect(response.patchType).toBe('JSONPatch');
    expect(JSON.parse(Buffer.from(response.patch ?? '', 'base64').toString())).toEqual(patch);
    expect(allow(REVIEW, { patch: [], warnings: [] }).response).toEqual({ uid: '6f1b', allowed: true });
  });

  it('refuses with code, reason and message', () => {
    const status = { code: 403, reason: 'Forbidden', message: 'no' };
    expect(deny(REVIEW, { ...status, warnings: ['look'] }).response).toEqual({
      uid: '6f1b',
      allowed: false,
      status,
      warnings: ['look'],
    });
  });
});

describe('a JSON Pointer', () => {
  it('escapes the characters that RFC 6901 names', () => {
    expect(jsonPointer('metadata', 'annotations', 'example.com/a~b', 0)).toBe(
      '/metadata/annotations/example.com~1a~0b/0',
    );
  });

  it('can be parsed again, with any segments', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (segments) => {
        const parts = jsonPointer(...segments)
          .split('/')
          .slice(1);
        expect(parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))).toEqual(segments);
      }),
    );
  });
});
