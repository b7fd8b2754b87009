import type { UserInfo } from '@ecr-anywhere/admission';
import { ANNOTATIONS, LABELS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import type { Secret } from '../consumers/secret.ts';
import { createRequest, fakeSecret, filledSecret, POLICY, updateRequest } from '../testing/requests.ts';
import { decide } from './decision.ts';
import { NO_RULES, type WriteRules } from './write-rules.ts';

const REFRESHER = 'system:serviceaccount:ecr-anywhere:ecr-anywhere-refresher';
const RULES: WriteRules = { ...NO_RULES, refresher: REFRESHER };
const MARK = ANNOTATIONS.markedForUpdateAt;

type Fields = Record<string, unknown>;

/** A stored Secret with all that a Secret can have. */
const STORED = {
  apiVersion: 'v1',
  kind: 'Secret',
  ...filledSecret(2),
  metadata: {
    ...filledSecret(2).metadata,
    uid: 'f00',
    resourceVersion: '7',
    creationTimestamp: '2026-01-01T00:00:00Z',
    labels: { [LABELS.managed]: 'true', team: 'blue' },
    annotations: { ...filledSecret(2).metadata?.annotations, 'example.com/note': 'x' },
    finalizers: ['example.com/keep'],
    ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'beef' }],
    managedFields: [{ manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:data': {} } }],
  },
};

/** The stored Secret with a new mark, and with changes. */
function marked(metadata: Fields = {}, fields: Fields = {}): Secret {
  const annotations = { ...STORED.metadata.annotations, [MARK]: '2026-01-02T03:04:05.678Z' };
  return { ...STORED, ...fields, metadata: { ...STORED.metadata, annotations, ...metadata } } as Secret;
}

function decideFor(object: Secret, userInfo: UserInfo = { username: REFRESHER }, rules = RULES) {
  return decide({ ...updateRequest(object, STORED as Secret), userInfo }, POLICY, rules);
}

describe('a write by the service account of the refresher', () => {
  it('is served if it changes nothing but the mark', () => {
    expect(decideFor(marked())).toMatchObject({ kind: 'due', isMarked: true });
  });

  it('is served if it also changes what the API server changes with each write', () => {
    const object = marked({ resourceVersion: '8', generation: 2, managedFields: [{ manager: 'node' }] });
    expect(decideFor(object)).toMatchObject({ kind: 'due' });
  });

  it('is served if it marks a Secret that has no annotations', () => {
    const { annotations: _, ...metadata } = STORED.metadata;
    const [stored, object] = [metadata, { ...metadata, annotations: { [MARK]: 'now' } }].map(
      (written) => ({ ...STORED, metadata: written }) as Secret,
    );
    const request = { ...updateRequest(object!, stored!), userInfo: { username: REFRESHER } };
    expect(decide(request, POLICY, RULES)).toMatchObject({ kind: 'due' });
  });

  const { 'example.com/note': _, ...withoutNote } = STORED.metadata.annotations;
  it.each<[string, Secret]>([
    ['metadata.labels["injected"]', marked({ labels: { ...STORED.metadata.labels, injected: 'yes' } })],
    ['metadata.labels["team"]', marked({ labels: { [LABELS.managed]: 'true' } })],
    [`metadata.labels["${LABELS.managed}"]`, marked({ labels: { team: 'blue' } })],
    ['metadata.annotations["example.com/note"]', marked({ annotations: { ...withoutNote, [MARK]: 'x' } })],
    [
      `metadata.annotations["${ANNOTATIONS.expiresAt}"]`,
      marked({ annotations: { ...STORED.metadata.annotations, [ANNOTATIONS.expiresAt]: 'never' } }),
    ],
    ['metadata.finalizers', marked({ finalizers: [] })],
    ['metadata.ownerReferences', marked({ ownerReferences: undefined })],
    ['metadata.deletionTimestamp', marked({ deletionTimestamp: '2026-01-02T03:04:05Z' })],
    ['data[".dockerconfigjson"]', marked({}, { data: { '.dockerconfigjson': 'FAKE' } })],
    ['data["more"]', marked({}, { data: { ...STORED.data, more: 'FAKE' } })],
    ['type', marked({}, { type: 'Opaque' })],
    ['immutable', marked({}, { immutable: true })],
  ])('is refused if it also changes %s, and the message names the field', (field, object) => {
    const decision = decideFor(object);
    expect(decision).toMatchObject({
      kind: 'refused',
      isForbidden: true,
      message: expect.stringContaining(`but this write changes ${field}, too; if another webhook`),
    });
    expect(JSON.stringify(decision)).not.toContain('FAKE');
    expect(decideFor(object, { username: 'jane' })).not.toHaveProperty('isForbidden');
    expect(decideFor(object, undefined, NO_RULES)).not.toHaveProperty('isForbidden');
  });

  it('is refused if it creates a Secret', () => {
    const request = createRequest(fakeSecret(), { userInfo: { username: REFRESHER } });
    expect(decide(request, POLICY, RULES)).toMatchObject({ kind: 'refused', isForbidden: true });
  });

  it.each<[string, Fields]>([
    ['a map that is a list', { labels: [1] }],
    ['a key of a megabyte', { labels: { ['x'.repeat(1_000_000)]: '' } }],
    ['a value nested 50,000 deep', { finalizers: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) }],
    ['no metadata at all', { labels: undefined, annotations: undefined, name: undefined }],
  ])('is refused in few words if it has %s', (_, metadata) => {
    const decision = decideFor(marked(metadata));
    expect(decision).toMatchObject({ kind: 'refused', isForbidden: true });
    expect(JSON.stringify(decision).length).toBeLessThan(1_000);
  });
});
