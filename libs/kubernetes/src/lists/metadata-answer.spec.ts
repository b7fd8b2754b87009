import { describe, expect, it } from '@jest/globals';
import { readDeletion, readMetadata, readMetadataList, type Expected } from './metadata-answer.ts';

const SECRET = { namespace: 'blue', name: 'pull' };
const PATH = '/api/v1/namespaces/blue/secrets';

/** Why an object is refused, alone and in a list; undefined if it is not. */
function faultOf(metadata: object, expected: Expected): string | undefined {
  const [one, list] = [
    () => readMetadata({ kind: 'PartialObjectMetadata', metadata }, PATH, expected),
    () => readMetadataList({ kind: 'PartialObjectMetadataList', items: [{ metadata }] }, PATH, expected),
  ].map((read) => {
    try {
      read();
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  });
  expect(one).toBe(list);
  return one?.replace(`the API server's answer for ${PATH} cannot be used: `, '');
}

describe('an object in an answer', () => {
  it.each<[string, object, Expected]>([
    ['it has the expected name', SECRET, SECRET],
    ['it is in the expected namespace', SECRET, { namespace: 'blue' }],
    ['any namespace is expected', SECRET, { namespace: '*' }],
    ['it is a Namespace', { name: 'blue' }, {}],
    ['it is a Namespace with an empty namespace', { name: 'blue', namespace: '' }, { name: 'blue' }],
    ['the selector selects it', SECRET, { namespace: '*', isSelected: ({ name }) => name === 'pull' }],
  ])('is accepted if %s', (_, metadata, expected) => {
    expect(faultOf(metadata, expected)).toBeUndefined();
  });

  it.each<[string, object, Expected, string]>([
    ['no namespace', { name: 'pull' }, { namespace: 'blue' }, 'an object without a namespace'],
    [
      'no namespace, in a list of all namespaces',
      { name: 'pull' },
      { namespace: '*' },
      'without a namespace',
    ],
    ['another namespace', { ...SECRET, namespace: 'red' }, { namespace: 'blue' }, 'in the namespace red'],
    ['a namespace, but should be a Namespace', SECRET, {}, 'in the namespace blue'],
    [
      'a namespace that is not a string',
      { ...SECRET, namespace: 7 },
      { namespace: '*' },
      'is not a valid name',
    ],
    ['another name', { ...SECRET, name: 'other' }, SECRET, 'it contains another object, other'],
    ['no name', { namespace: 'blue' }, { namespace: 'blue' }, 'an object without a name'],
    ['an empty name', { ...SECRET, name: '' }, { namespace: 'blue' }, 'an object without a name'],
    ['a name that would change a path', { ...SECRET, name: '..' }, { namespace: 'blue' }, 'without a name'],
    ['a name with a line feed', { ...SECRET, name: 'a\nb' }, { namespace: 'blue' }, 'without a name'],
    [
      'labels that the selector does not select',
      SECRET,
      { namespace: '*', isSelected: () => false },
      'selector excludes',
    ],
  ])('is refused if it has %s', (_, metadata, expected, fault) => {
    expect(faultOf(metadata, expected)).toContain(fault);
  });
});

describe('the answer to a deletion', () => {
  const deletion = (body: object) => readDeletion(body, `${PATH}/pull`, SECRET);
  const status = { kind: 'Status', status: 'Success' };

  it('says that the object is deleted, or waits for finalizers', () => {
    expect(deletion(status)).toBe('deleted');
    expect(deletion({ ...status, details: { name: 'pull', kind: 'secrets' } })).toBe('deleted');
    expect(deletion({ kind: 'PartialObjectMetadata', metadata: SECRET })).toBe('held-back');
  });

  it.each<[string, object, string]>([
    [
      'of failure',
      { ...status, status: 'Failure', message: 'no\nleader' },
      'it is a failure, Status: no leader',
    ],
    ['of nothing', { kind: 'Status' }, 'it is a failure'],
    ['about another object', { ...status, details: { name: 'other' } }, 'about another object'],
    ['of another kind', { kind: 'Secret', metadata: SECRET }, 'expected a PartialObjectMetadata, not Secret'],
    [
      'with another object',
      { kind: 'PartialObjectMetadata', metadata: { ...SECRET, name: 'other' } },
      'it contains another object, other',
    ],
  ])('is refused if it is %s', (_, body, fault) => {
    expect(() => deletion(body)).toThrow(fault);
  });
});

describe('an answer of another kind', () => {
  it('is refused, and the error has its message', () => {
    const failure = { kind: 'Status', status: 'Failure', message: `etcd:\n${'x'.repeat(5_000)}` };
    for (const read of [readMetadata, readMetadataList]) {
      expect(() => read(failure, PATH, {})).toThrow(/, not Status: etcd: x{900,1000}…$/);
      expect(() => read({ kind: 'invalid\n' }, PATH, {})).toThrow(/, not something else$/);
      expect(() => read(undefined, PATH, {})).toThrow(/, not something else$/);
    }
  });
});
