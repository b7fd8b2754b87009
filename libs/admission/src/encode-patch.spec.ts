import { describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { encodePatch } from './encode-patch.ts';
import type { JsonPatch, JsonPatchOperation } from './json-patch.ts';

const decode = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64').toString());

const operations = fc.oneof(
  fc.record({
    op: fc.constantFrom('add' as const, 'replace' as const, 'test' as const),
    path: fc.string({ unit: 'binary' }),
    value: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
  }),
  fc.record({ op: fc.constant('remove' as const), path: fc.string({ unit: 'binary' }) }),
);

describe('a patch in Base64', () => {
  it('is the patch, whatever its operations are and however often they were encoded before', () => {
    fc.assert(
      fc.property(fc.array(operations, { minLength: 1 }), (patch) => {
        const expected = decode(Buffer.from(JSON.stringify(patch)).toString('base64'));
        const frozen: JsonPatch = patch.map((operation) => Object.freeze(operation));
        for (const encoded of [encodePatch(patch), encodePatch(frozen), encodePatch(frozen)]) {
          expect(encoded).toMatch(/^[A-Za-z0-9+/]+$/);
          expect(decode(encoded)).toEqual(expected);
        }
      }),
    );
  });

  it('takes up a change of an operation that can be changed', () => {
    const operation = { op: 'add' as const, path: '/x', value: 'one' };
    const deep = Object.freeze({ op: 'add' as const, path: '/y', value: { of: 'one' } });
    encodePatch([operation, deep]);
    operation.value = 'two';
    deep.value.of = 'two';
    expect(decode(encodePatch([operation, deep]))).toEqual([
      { op: 'add', path: '/x', value: 'two' },
      { op: 'add', path: '/y', value: { of: 'two' } },
    ]);
  });

  it('encodes an operation that cannot change once', () => {
    const operation = Object.freeze<JsonPatchOperation>({ op: 'add', path: '/x', value: 'y' });
    const first = encodePatch([operation]);
    const stringify = jest.spyOn(JSON, 'stringify');
    expect(encodePatch([operation, operation])).toContain(first.slice(4, -4));
    expect(stringify).not.toHaveBeenCalled();
    stringify.mockRestore();
  });
});
