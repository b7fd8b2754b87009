import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AdmissionDecodeError } from './admission-decode-error.ts';
import { decodeReview } from './decode-review.ts';

const REQUEST = {
  uid: '6f1b',
  kind: { group: '', version: 'v1', kind: 'Secret' },
  resource: { group: '', version: 'v1', resource: 'secrets' },
  operation: 'CREATE',
  object: { any: 'thing' },
  oldObject: null,
};
const review = (request: unknown = REQUEST, apiVersion = 'admission.k8s.io/v1') => ({
  kind: 'AdmissionReview',
  apiVersion,
  request,
});

function errorOf(body: unknown, isObject?: (value: unknown) => value is unknown): AdmissionDecodeError {
  try {
    decodeReview(body, isObject);
  } catch (error) {
    if (error instanceof AdmissionDecodeError) return error;
    throw error;
  }
  throw new Error('it was taken for a review');
}

describe('decoding a review', () => {
  it.each(['admission.k8s.io/v1', 'admission.k8s.io/v1beta1'])(
    'accepts %s, and returns the same object',
    (apiVersion) => {
      const body = review(REQUEST, apiVersion);
      expect(decodeReview(body)).toBe(body);
    },
  );

  it.each([
    [null, 'not-an-object', ''],
    [[], 'not-an-object', ''],
    [{ kind: 'Pod' }, 'not-a-review', 'kind'],
    [review(REQUEST, 'admission.k8s.io/v2'), 'unsupported-version', 'apiVersion'],
    [review(null), 'wrong-type', 'request'],
    [{ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' }, 'missing-field', 'request'],
    [review({}), 'missing-field', 'request.uid'],
    [review({ ...REQUEST, uid: '' }), 'wrong-type', 'request.uid'],
    [review({ ...REQUEST, kind: 'Secret' }), 'wrong-type', 'request.kind'],
    [
      review({ ...REQUEST, resource: { group: '', version: 'v1' } }),
      'missing-field',
      'request.resource.resource',
    ],
    [review({ ...REQUEST, operation: 'PATCH' }), 'wrong-type', 'request.operation'],
    [review({ ...REQUEST, dryRun: 'true' }), 'wrong-type', 'request.dryRun'],
    [review({ ...REQUEST, namespace: 7 }), 'wrong-type', 'request.namespace'],
    [review({ ...REQUEST, name: null }), 'wrong-type', 'request.name'],
    [review({ ...REQUEST, dryRun: null }), 'wrong-type', 'request.dryRun'],
    [review({ ...REQUEST, requestKind: 7 }), 'wrong-type', 'request.requestKind'],
    [
      review({ ...REQUEST, requestResource: { group: '' } }),
      'missing-field',
      'request.requestResource.version',
    ],
    [review({ ...REQUEST, requestSubResource: 7 }), 'wrong-type', 'request.requestSubResource'],
    [review({ ...REQUEST, userInfo: 'me' }), 'wrong-type', 'request.userInfo'],
    [review({ ...REQUEST, userInfo: { username: 7 } }), 'wrong-type', 'request.userInfo.username'],
    [review({ ...REQUEST, userInfo: { groups: 'text' } }), 'wrong-type', 'request.userInfo.groups'],
    [review({ ...REQUEST, userInfo: { groups: [7] } }), 'wrong-type', 'request.userInfo.groups'],
    [review({ ...REQUEST, userInfo: { extra: { canary: 'x' } } }), 'wrong-type', 'request.userInfo.extra'],
    [review({ ...REQUEST, object: 'a Secret' }), 'wrong-type', 'request.object'],
  ])('reports the mistake and its path: %j', (body, code, path) => {
    expect(errorOf(body)).toMatchObject({
      code,
      path,
      message: expect.stringContaining(path === '' ? 'body' : path),
    });
  });

  describe('of objects of a type', () => {
    interface Pod {
      readonly spec: { readonly containers: readonly unknown[] };
    }
    const isPod = (value: unknown): value is Pod =>
      Array.isArray((value as { spec?: { containers?: unknown } }).spec?.containers);
    const pod = { spec: { containers: [{ name: 'app' }] } };

    it('gives them their type when the check accepts each of them', () => {
      const { request } = decodeReview(review({ ...REQUEST, object: pod, oldObject: pod }), isPod);
      expect(request.object?.spec.containers).toHaveLength(1);
      expect(decodeReview(review({ ...REQUEST, object: null, oldObject: pod }), isPod).request.object).toBe(
        null,
      );
    });

    it.each(['object', 'oldObject'])('says which object the check refuses: %s', (name) => {
      const body = review({ ...REQUEST, object: pod, oldObject: pod, [name]: { spec: 'canary' } });
      const path = `request.${name}`;
      const error = errorOf(body, isPod);
      expect(error).toMatchObject({ code: 'wrong-type', path, message: expect.stringContaining(path) });
      expect(error.message).not.toContain('canary');
    });

    it('does not look into them without a check', () => {
      const { request } = decodeReview<{ spec?: unknown }>(review({ ...REQUEST, object: { spec: 7 } }));
      expect(request.object?.spec).toBe(7);
    });
  });

  it('accepts the user of the request as the API server sends it', () => {
    const extra = { 'authentication.kubernetes.io/credential-id': ['JTI=1'] };
    const userInfo = { username: 'me', uid: '7', groups: ['system:authenticated'], extra };
    expect(decodeReview(review({ ...REQUEST, userInfo })).request.userInfo).toBe(userInfo);
    expect(decodeReview(review({ ...REQUEST, userInfo: {} })).request.userInfo).toEqual({});
  });

  it('never quotes the body', () => {
    expect(errorOf(review({ ...REQUEST, userInfo: { extra: { canary: 7 } } })).message).not.toContain(
      'canary',
    );
    expect(errorOf(review({ ...REQUEST, uid: { canary: 'canary' } })).message).not.toContain('canary');
  });

  it('does not read fields from a prototype', () => {
    const inherited = Object.create(review()) as object;
    expect(errorOf(inherited).code).toBe('not-a-review');
    expect(errorOf(JSON.parse('{"__proto__":{"kind":"AdmissionReview"}}')).code).toBe('not-a-review');
  });

  it('throws only its own error, for any input', () => {
    const mutated = fc
      .record({}, { requiredKeys: [] })
      .chain(() => fc.dictionary(fc.constantFrom(...Object.keys(REQUEST)), fc.jsonValue()));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.jsonValue(),
          mutated.map((changes) => review({ ...REQUEST, ...changes })),
        ),
        (body) => {
          try {
            decodeReview(body);
          } catch (error) {
            expect(error).toBeInstanceOf(AdmissionDecodeError);
          }
        },
      ),
    );
  });
});
