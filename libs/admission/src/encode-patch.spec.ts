import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AdmissionReview } from './admission-review.ts';
import { allow, type AllowOptions } from './answer.ts';
import { encodeOperation } from './encode-patch.ts';
import type { JsonPatchOperation } from './json-patch.ts';

const REVIEW = { apiVersion: 'admission.k8s.io/v1', request: { uid: '6f1b' } } as AdmissionReview;

/** What the API server reads. Go's Base64 decoder refuses padding in the middle, which Node's ignores. */
function sent(patch: AllowOptions['patch']): unknown {
  const base64 = allow(REVIEW, { patch }).response.patch ?? '';
  expect(base64).toMatch(/^([A-Za-z0-9+/]{4})+$/);
  return JSON.parse(Buffer.from(base64, 'base64').toString());
}

const add = (value: unknown): JsonPatchOperation => ({ op: 'add', path: '/x', value });

const operations: fc.Arbitrary<JsonPatchOperation> = fc.oneof(
  fc.record({
    op: fc.constantFrom('add', 'replace', 'test'),
    path: fc.string({ unit: 'binary' }),
    value: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
  }),
  fc.record({ op: fc.constant('remove'), path: fc.string({ unit: 'binary' }) }),
  fc.record({ op: fc.constantFrom('move', 'copy'), path: fc.string(), from: fc.string() }),
);

describe('an answer with encoded operations', () => {
  it('has the same patch as an answer with plain ones, whichever of them are encoded', () => {
    const parts = fc.array(fc.tuple(operations, fc.boolean()), { minLength: 1 });
    fc.assert(
      fc.property(parts, (patch) => {
        const plain = patch.map(([operation]) => operation);
        const mixed = patch.map(([operation, isEncoded]) =>
          isEncoded ? encodeOperation(operation) : operation,
        );
        expect(sent(mixed)).toEqual(JSON.parse(JSON.stringify(plain)));
      }),
    );
  });

  it.each(['', 'a', 'ab', 'abc', 'é', '€', '€a', '😀', '😀a', '\u0000', '"\\'])(
    'has the value %j, whatever its number of bytes is',
    (value) => {
      const encoded = encodeOperation(add(value));
      expect(sent([encoded])).toEqual([add(value)]);
      expect(sent([encoded, add(1), encoded])).toEqual([add(value), add(1), add(value)]);
    },
  );

  it('has an operation as it was when it was encoded', () => {
    const operation = { op: 'add' as const, path: '/x', value: { of: 'one' } };
    const encoded = encodeOperation(operation);
    operation.value.of = 'two';
    expect(sent([encoded, operation])).toEqual([add({ of: 'one' }), add({ of: 'two' })]);
  });
});
