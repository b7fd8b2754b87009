import { ANNOTATIONS, LABELS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decide } from './decision.ts';
import type { Secret } from '../consumers/secret.ts';
import {
  createRequest,
  fakeSecret,
  filledSecret,
  GRANT,
  HOUR,
  NOW,
  OWN_HOST,
  POLICY,
  updateRequest,
  withAnnotations,
} from '../testing/requests.ts';
import { isBelievable } from '../grants/old-credential.ts';
import { NO_RULES } from './write-rules.ts';

const MARK = ANNOTATIONS.markedForUpdateAt;

/** With the same hosts and passwords, and a field that the webhook does not write. */
function inAnotherForm(secret: Secret): Secret {
  const text = Buffer.from(secret.data?.['.dockerconfigjson'] ?? '', 'base64').toString();
  const changed = text.replaceAll('{"auth":', '{"email":"","auth":');
  return { ...secret, data: { '.dockerconfigjson': Buffer.from(changed).toString('base64') } };
}

describe('the decision about a write', () => {
  describe('leaves untouched', () => {
    it.each([
      ['a Secret without the label', createRequest({ ...fakeSecret(), metadata: { name: 'x' } })],
      [
        'a label with another value',
        createRequest(fakeSecret({ metadata: { labels: { [LABELS.managed]: 'yes' } } })),
      ],
      [
        'another kind',
        createRequest(fakeSecret(), { kind: { group: '', version: 'v1', kind: 'ConfigMap' } }),
      ],
      [
        'a Secret of another group',
        createRequest(fakeSecret(), { kind: { group: 'example.com', version: 'v1', kind: 'Secret' } }),
      ],
      ['another operation', createRequest(fakeSecret(), { operation: 'DELETE' })],
      ['a subresource', createRequest(fakeSecret(), { subResource: 'status' })],
      ['a request without an object', createRequest(fakeSecret(), { object: null })],
      [
        'a Secret that is being deleted',
        updateRequest(
          fakeSecret({ metadata: { deletionTimestamp: '2026-01-02T03:04:05Z' } }),
          filledSecret(2),
        ),
      ],
      [
        'a Secret that is being deleted, written by a PUT that does not say so',
        updateRequest(fakeSecret(), {
          ...filledSecret(2),
          metadata: { ...filledSecret(2).metadata, deletionTimestamp: '2026-01-02T03:04:05Z' },
        }),
      ],
      ['a Secret that gives the label up', updateRequest({ ...fakeSecret(), metadata: {} }, filledSecret(2))],
    ])('%s', (_, request) => {
      expect(decide(request, POLICY)).toEqual({ kind: 'untouched' });
    });
  });

  describe('refuses', () => {
    it('another type, and names the type to use', () => {
      const decision = decide(createRequest(fakeSecret({ type: 'Opaque' })), POLICY);
      expect(decision).toMatchObject({
        kind: 'refused',
        message: expect.stringContaining('kubernetes.io/dockerconfigjson'),
      });
    });

    it.each<[string, unknown, string]>([
      ['that is long', '"'.repeat(1_000_000), 'one of 1000000 characters'],
      ['nested deeply', JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)), 'a value that is not a string'],
      ['of another shape', { toJSON: 'x' }, 'a value that is not a string'],
      ['that is null', null, 'has the type ""'],
    ])('a type %s, in few words', (_, type, words) => {
      const decision = decide(createRequest(fakeSecret({ type: type as string })), POLICY);
      expect(decision).toMatchObject({ kind: 'refused', message: expect.stringContaining(words) });
      expect(JSON.stringify(decision).length).toBeLessThan(1_000);
    });

    describe('with SECRET_NAMES,', () => {
      const rules = { ...NO_RULES, secretNames: ['ecr-secret', 'other'] };
      const refused = {
        kind: 'refused',
        message: expect.stringContaining('manages only Secrets with these names: ecr-secret, other;'),
      };

      it('a Secret with another name, also if it is updated', () => {
        const object = fakeSecret({ metadata: { name: 'third' } });
        expect(decide(createRequest(object, { name: 'third' }), POLICY, rules)).toEqual(refused);
        expect(decide({ ...updateRequest(object, filledSecret(9)), name: 'third' }, POLICY, rules)).toEqual(
          refused,
        );
      });

      it.each([undefined, ''])('a Secret whose name the API server is to make: its name is %j', (name) => {
        const { metadata, ...secret } = fakeSecret();
        const object = { ...secret, metadata: { ...metadata, name, generateName: 'ecr-secret' } } as Secret;
        expect(decide(createRequest(object, { name: '' }), POLICY, rules)).toEqual(refused);
      });

      it('no Secret that has one of the names, and none that is not managed', () => {
        expect(decide(createRequest(fakeSecret()), POLICY, rules)).toMatchObject({ kind: 'due' });
        const unmanaged = createRequest({ ...fakeSecret(), metadata: { name: 'third' } });
        expect(decide(unmanaged, POLICY, rules)).toEqual({ kind: 'untouched' });
      });
    });

    it('an immutable Secret, which could never be refreshed', () => {
      const decision = decide(createRequest(fakeSecret({ immutable: true })), POLICY);
      expect(decision).toMatchObject({ kind: 'refused', message: expect.stringContaining('immutable') });
    });
  });

  describe('fills', () => {
    it.each([
      ['FAKE', fakeSecret()],
      ['an empty value', fakeSecret({ data: { '.dockerconfigjson': '' } })],
      ['no data at all', fakeSecret({ data: null })],
      ['an old password', filledSecret(11)],
    ])('a new Secret that holds %s', (_, secret) => {
      expect(decide(createRequest(secret), POLICY)).toMatchObject({
        kind: 'due',
        grants: [{ old: undefined }],
        isMarked: false,
      });
    });

    it('a Secret with a new mark, and reads its current credentials', () => {
      const old = filledSecret(11, { mark: 'once' });
      const decision = decide(updateRequest(withAnnotations(old, { [MARK]: 'twice' }), old), POLICY);
      expect(decision).toMatchObject({
        kind: 'due',
        grants: [{ old: { expiresAt: NOW + 11 * HOUR, isOurs: true } }],
        isMarked: true,
      });
    });

    it('a Secret whose credentials end within the threshold, marked or not', () => {
      const decision = decide(updateRequest(fakeSecret(), filledSecret(6)), POLICY);
      expect(decision).toMatchObject({
        kind: 'due',
        grants: [{ old: { expiresAt: NOW + 6 * HOUR } }],
        isMarked: false,
      });
    });

    it.each<[string, Secret]>([
      [
        'it was not managed before',
        { ...filledSecret(11), metadata: { ...filledSecret(11).metadata, labels: {} } },
      ],
      [
        'it was made under other settings',
        withAnnotations(filledSecret(11), { [ANNOTATIONS.configHash]: 'other' }),
      ],
      [
        'its expires_at is unreadable',
        withAnnotations(filledSecret(11), { [ANNOTATIONS.expiresAt]: 'tomorrow' }),
      ],
      ['it lacks one of our hosts', filledSecret(11, { hosts: [OWN_HOST] })],
      [
        'it has an extra host',
        filledSecret(11, { hosts: [OWN_HOST, 'mirror.example.com', 'other.example.com'] }),
      ],
      ['it is far longer than a token makes it', filledSecret(11, { password: 'p'.repeat(40_000) })],
      ['its data has another form', inAnotherForm(filledSecret(11))],
      ['its data is not ours', { ...filledSecret(11), data: { '.dockerconfigjson': 'e30=' } }],
    ])('a Secret whose old credential cannot be trusted: %s', (_, old) => {
      const decision = decide(updateRequest(fakeSecret(), old), POLICY);
      expect(decision).toMatchObject({ kind: 'due', grants: [{ grant: GRANT }] });
      const [{ old: credential } = {}] = decision.kind === 'due' ? decision.grants : [];
      expect(isBelievable(credential, NOW)).toBe(false);
    });

    it.each([
      ['is further off than a token lives', 14],
      ['has passed', -1],
    ])("a Secret whose expires_at %s, to be checked again when AWS's time is known", (_, hours) => {
      const decision = decide(updateRequest(fakeSecret(), filledSecret(hours)), POLICY);
      expect(decision).toMatchObject({ kind: 'due', grants: [{ old: { expiresAt: NOW + hours * HOUR } }] });
    });
  });

  describe('restores the old content', () => {
    it('when GitOps re-applies FAKE', () => {
      expect(decide(updateRequest(fakeSecret(), filledSecret(11)), POLICY).kind).toBe('kept');
    });

    it('when the mark is the same, or is dropped', () => {
      const old = filledSecret(11, { mark: 'once' });
      expect(decide(updateRequest(withAnnotations(fakeSecret(), { [MARK]: 'once' }), old), POLICY).kind).toBe(
        'kept',
      );
      expect(decide(updateRequest(fakeSecret(), old), POLICY).kind).toBe('kept');
    });

    it('before the first token, when the account is not known yet', () => {
      const unknown = { ...POLICY, grants: [{ ...GRANT, ownHost: undefined }] };
      expect(decide(updateRequest(fakeSecret(), filledSecret(11)), unknown).kind).toBe('kept');
      const elsewhere = filledSecret(11, {
        hosts: ['111122223333.dkr.ecr.us-east-1.amazonaws.com', 'mirror.example.com'],
      });
      expect(decide(updateRequest(fakeSecret(), elsewhere), unknown).kind).toBe('due');
    });
  });

  it('never throws, for any input', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.anything(),
        fc.constantFrom('CREATE' as const, 'UPDATE' as const),
        (one, two, operation) => {
          const object = { ...fakeSecret(), ...(one as object) } as Secret;
          const oldObject = { ...filledSecret(11), ...(two as object) } as Secret;
          expect(['untouched', 'refused', 'due', 'kept']).toContain(
            decide(createRequest(object, { operation, oldObject }), POLICY).kind,
          );
        },
      ),
    );
  });
});
