import { describe, expect, it } from '@jest/globals';
import { readDeletion, readMetadata, readMetadataList, type Expected } from './metadata-answer.ts';

const SECRET = { namespace: 'blue', name: 'pull' };
const PATH = '/api/v1/namespaces/blue/secrets';

/** What is wrong with the same object in either kind of answer; undefined where nothing is. */
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
    ['is the one of that name', SECRET, SECRET],
    ['is of that namespace', SECRET, { namespace: 'blue' }],
    ['is of any namespace', SECRET, { namespace: '*' }],
    ['is a namespace', { name: 'blue' }, {}],
    ['is a namespace, whose own is empty', { name: 'blue', namespace: '' }, { name: 'blue' }],
    ['is selected', SECRET, { namespace: '*', isSelected: ({ name }) => name === 'pull' }],
  ])('is taken where it %s', (_, metadata, expected) => {
    expect(faultOf(metadata, expected)).toBeUndefined();
  });

  it.each<[string, object, Expected, string]>([
    ['no namespace', { name: 'pull' }, { namespace: 'blue' }, 'an object without a namespace'],
    ['no namespace, in a list over all', { name: 'pull' }, { namespace: '*' }, 'without a namespace'],
    ['another namespace', { ...SECRET, namespace: 'red' }, { namespace: 'blue' }, 'of the namespace red'],
    ['a namespace of its own, where it should be one', SECRET, {}, 'of the namespace blue'],
    ['a namespace that is no text', { ...SECRET, namespace: 7 }, { namespace: '*' }, 'is no name'],
    ['another name', { ...SECRET, name: 'other' }, SECRET, 'it holds another object, other'],
    ['no name', { namespace: 'blue' }, { namespace: 'blue' }, 'an object without a name'],
    ['an empty name', { ...SECRET, name: '' }, { namespace: 'blue' }, 'an object without a name'],
    ['a name that would lead elsewhere', { ...SECRET, name: '..' }, { namespace: 'blue' }, 'without a name'],
    ['a name of two lines', { ...SECRET, name: 'a\nb' }, { namespace: 'blue' }, 'without a name'],
    ['what was not selected', SECRET, { namespace: '*', isSelected: () => false }, 'selector leaves out'],
  ])('is refused where it has %s', (_, metadata, expected, fault) => {
    expect(faultOf(metadata, expected)).toContain(fault);
  });
});

describe('the answer to a deletion', () => {
  const deletion = (body: object) => readDeletion(body, `${PATH}/pull`, SECRET);
  const status = { kind: 'Status', status: 'Success' };

  it('says that the object is gone, or that finalizers hold it back', () => {
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
      'it holds another object, other',
    ],
  ])('does not pass for one where it is %s', (_, body, fault) => {
    expect(() => deletion(body)).toThrow(fault);
  });
});

describe('an answer of another kind', () => {
  it('is refused with what it says', () => {
    const failure = { kind: 'Status', status: 'Failure', message: `etcd:\n${'x'.repeat(5_000)}` };
    for (const read of [readMetadata, readMetadataList]) {
      expect(() => read(failure, PATH, {})).toThrow(/, not Status: etcd: x{900,1000}…$/);
      expect(() => read({ kind: 'no kind\n' }, PATH, {})).toThrow(/, not something else$/);
      expect(() => read(undefined, PATH, {})).toThrow(/, not something else$/);
    }
  });
});
