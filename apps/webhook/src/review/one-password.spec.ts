import { describe, expect, it } from '@jest/globals';
import { ANNOTATIONS, LABELS } from '@ecr-anywhere/secret-scan';
import type { Secret } from '../consumers/secret.ts';
import {
  createRequest,
  GRANT,
  HASH,
  HOUR,
  NOW,
  OTHER_GRANT,
  OTHER_HOST,
  OWN_HOST,
  POLICY,
  token,
  updateRequest,
  withAnnotations,
} from '../testing/requests.ts';
import { choose, issuedWithin } from '../grants/choice.ts';
import { decide } from './decision.ts';

const TWO_REGIONS = { ...POLICY, grants: [GRANT, OTHER_GRANT] };

/** A repository of Argo CD as its user writes it. */
function repository(url: string, data: Record<string, string> = {}): Secret {
  const encoded = Object.entries({ type: 'helm', enableOCI: 'true', url, ...data }).map(([key, text]) => [
    key,
    Buffer.from(text).toString('base64'),
  ]);
  return {
    type: 'Opaque',
    metadata: {
      name: 'charts',
      labels: { [LABELS.managed]: 'true', 'argocd.argoproj.io/secret-type': 'repository' },
    },
    data: Object.fromEntries(encoded) as Record<string, string>,
  };
}

/** The same after the webhook has filled it with a password that expires in this many hours. */
function filled(url: string, hours = 11, { username = 'AWS', hash = HASH } = {}): Secret {
  return withAnnotations(repository(url, { username, password: 'password-of-old' }), {
    [ANNOTATIONS.expiresAt]: new Date(NOW + hours * HOUR).toISOString(),
    [ANNOTATIONS.updatedAt]: new Date(NOW - HOUR).toISOString(),
    [ANNOTATIONS.configHash]: hash,
  });
}

const CHARTS = `${OWN_HOST}/charts`;
const base64 = (text: string) => Buffer.from(text).toString('base64');
const FAKE = { username: 'FAKE', password: 'FAKE' };

describe('a Secret with one password', () => {
  it('gets the token of the region that its URL names, and no other', () => {
    const decision = decide(createRequest(repository(`${OTHER_HOST}/charts`)), TWO_REGIONS);
    expect(decision).toMatchObject({
      kind: 'due',
      grants: [{ grant: { name: OTHER_GRANT.name, onlyHost: OTHER_HOST } }],
    });
  });

  it('is refused for a host that is not served, although it held a password before', () => {
    const object = repository('evil.example.com/charts');
    expect(decide(updateRequest(object, filled(CHARTS)), TWO_REGIONS)).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('data.url'),
    });
  });

  it.each([
    ['nothing is asked for', repository(CHARTS, FAKE)],
    ['the data that is written again has no password', repository(CHARTS)],
    ['the URL is another one on the same host', repository(`oci://${OWN_HOST}/others`, FAKE)],
    [
      'the URL is another account of the same region',
      repository('999988887777.dkr.ecr.eu-west-1.amazonaws.com', FAKE),
    ],
    ['the URL is a listed host of the same region', repository('https://mirror.example.com/x', FAKE)],
  ])('keeps its password, and takes the rest of what is written, if %s', (_, object) => {
    expect(decide(updateRequest(object, filled(CHARTS)), TWO_REGIONS)).toMatchObject({
      kind: 'kept',
      data: { username: base64('AWS'), password: base64('password-of-old') },
      annotations: { configHash: HASH },
    });
  });

  it('keeps only the keys that ECR Anywhere writes: the URL is that of the new object', () => {
    const decision = decide(updateRequest(repository(CHARTS), filled(CHARTS)), TWO_REGIONS);
    expect(decision).toMatchObject({ kind: 'kept' });
    expect(Object.keys('data' in decision ? decision.data : {})).toEqual(['username', 'password']);
  });

  const unmanaged: Secret = { ...filled(CHARTS), metadata: { ...filled(CHARTS).metadata, labels: {} } };
  /** It was filled under other keys. What it has under these ones is its user's. */
  const ofOtherKind = withAnnotations(
    { ...filled(CHARTS), metadata: { ...filled(CHARTS).metadata, labels: { [LABELS.managed]: 'true' } } },
    { [ANNOTATIONS.format]: 'kubevirt-cdi', [ANNOTATIONS.registry]: OWN_HOST },
  );
  it.each([
    ['the old Secret was not managed', unmanaged],
    ['the old Secret was of another kind', ofOtherKind],
    ['it was filled under other settings', filled(CHARTS, 11, { hash: 'b'.repeat(64) })],
    ['it was filled for another region', filled(`${OTHER_HOST}/charts`)],
    ['it was filled for a host that nobody serves', filled('evil.example.com')],
    ['its URL could not be read', filled(`AWS@${OWN_HOST}`)],
    [
      'another profile filled it, which has the same hash',
      withAnnotations(filled(CHARTS), { [ANNOTATIONS.profile]: 'team-b' }),
    ],
    ['its user is not AWS', filled(CHARTS, 11, { username: 'bob' })],
    ['its password expires within the threshold', filled(CHARTS, 5)],
    ['it claims to expire later than a token can', filled(CHARTS, 14)],
    ['it has expired', filled(CHARTS, -1)],
  ])('gets a new password if %s', (_, old) => {
    expect(decide(updateRequest(repository(CHARTS), old), TWO_REGIONS)).toMatchObject({ kind: 'due' });
  });

  it('may be forged, as every Secret; a mark heals it with a token that AWS has just issued', () => {
    const forged = filled(CHARTS, 12.5);
    const marked = withAnnotations(forged, { [ANNOTATIONS.markedForUpdateAt]: 'now' });
    const decision = decide(updateRequest(marked, forged), TWO_REGIONS);
    if (decision.kind !== 'due') throw new Error(decision.kind);
    const { old } = decision.grants[0]!;
    const policy = { now: NOW, least: 6.5 * HOUR, isMarked: decision.isMarked };
    expect(issuedWithin(old, token(11), policy)).toBeLessThanOrEqual(60_000);
    expect(choose({ old }, { token: token(12) }, policy)).toMatchObject({ kind: 'token' });
  });

  it('keeps the password that it got without a host, while there is one region', () => {
    const unnamed = (data: Record<string, string>): Secret => ({
      ...filled('', 11),
      type: 'kubernetes.io/basic-auth',
      metadata: { ...filled('').metadata, labels: { [LABELS.managed]: 'true' } },
      data,
    });
    const old = unnamed({ username: base64('AWS'), password: base64('password-of-old') });
    const request = updateRequest(unnamed({ password: base64('FAKE') }), old);
    expect(decide(request, POLICY)).toMatchObject({ kind: 'kept', data: old.data });
    expect(decide(request, TWO_REGIONS)).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining(ANNOTATIONS.registry),
    });
  });
});
