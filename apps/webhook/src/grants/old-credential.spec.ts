import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { dockerConfigJson } from '../consumers/docker-config-json.ts';
import type { Secret } from '../consumers/secret.ts';
import {
  filledSecret,
  GRANT,
  HASH,
  HOUR,
  NOW,
  OTHER_GRANT,
  OTHER_HOST,
  OWN_HOST,
  POLICY,
  withAnnotations,
} from '../testing/requests.ts';
import type { Grant } from './grant.ts';
import { isBelievable, oldCredentials } from './old-credential.ts';

const MIRROR = 'mirror.example.com';
const EACH = ANNOTATIONS.expiresAtEach;
const GRANTS = [GRANT, OTHER_GRANT];

/** A Secret of two regions, whose credentials end in so many hours. */
function filled(hours: Record<string, number | 'missing'>, hosts = [OWN_HOST, MIRROR, OTHER_HOST]): Secret {
  const text = Object.entries(hours)
    .map(([name, end]) => `${name}=${end === 'missing' ? end : new Date(NOW + end * HOUR).toISOString()}`)
    .join(', ');
  const times = Object.values(hours).filter((end) => end !== 'missing');
  const secret = withAnnotations(filledSecret(Math.min(12, ...times), { hosts }), { [EACH]: text });
  const { [ANNOTATIONS.updatedAt]: updatedAt = '' } = secret.metadata?.annotations ?? {};
  return times.length < Object.keys(hours).length
    ? withAnnotations(secret, { [ANNOTATIONS.expiresAt]: updatedAt })
    : secret;
}

function without({ metadata, ...secret }: Secret, name: string): Secret {
  const annotations = Object.entries(metadata?.annotations ?? {}).filter(([key]) => key !== name);
  return { ...secret, metadata: { ...metadata, annotations: Object.fromEntries(annotations) } };
}

const BOTH = { 'default/eu-west-1': 11, 'default/us-east-1': 9 };

/** For each grant when its credential ends, in hours; `doubtful` if it is there and not to be believed; `none` if not. */
function endsOf(secret: Secret, grants: readonly Grant[] = GRANTS, configHash = HASH) {
  const old = oldCredentials(secret, dockerConfigJson, { ...POLICY, configHash, grants });
  return old?.byGrant.map((each) => {
    if (each === undefined) return 'none';
    return isBelievable(each, NOW) ? (each.expiresAt - NOW) / HOUR : 'doubtful';
  });
}

describe('the old credentials of a Secret with several regions', () => {
  it('have an end each', () => {
    expect(endsOf(filled(BOTH))).toEqual([11, 9]);
  });

  it('are believed although another one has ended', () => {
    expect(endsOf(filled({ ...BOTH, 'default/us-east-1': -1 }))).toEqual([11, 'doubtful']);
  });

  it('are believed although another one is missing', () => {
    const missing = { ...BOTH, 'default/us-east-1': 'missing' } as const;
    expect(endsOf(filled(missing, [OWN_HOST, MIRROR]))).toEqual([11, 'none']);
    // An entry that was left although nobody knew whether it works.
    expect(endsOf(filled(missing))).toEqual([11, 'doubtful']);
  });

  it('are not believed beside a host that nobody asked for', () => {
    expect(endsOf(filled(BOTH, [OWN_HOST, MIRROR, OTHER_HOST, 'foreign.example']))).toEqual([
      'doubtful',
      'doubtful',
    ]);
  });

  it('are not believed under other settings, and are still there', () => {
    expect(endsOf(filled(BOTH), GRANTS, 'another')).toEqual(['doubtful', 'doubtful']);
  });

  it('are not believed if the annotation does not name them, is no list of ends, or is not there', () => {
    expect(endsOf(filled({ 'default/eu-west-1': 11, 'default/eu-north-1': 9 }))).toEqual([11, 'doubtful']);
    const text = filled(BOTH).metadata!.annotations![EACH]!;
    for (const odd of ['x'.repeat(10_000), '', `${text}, default/us-east-1=missing`, text.replace(', ', ',')])
      expect(endsOf(withAnnotations(filled(BOTH), { [EACH]: odd }))).toEqual(['doubtful', 'doubtful']);
    expect(endsOf(without(filled(BOTH), EACH))).toEqual(['doubtful', 'doubtful']);
  });

  it('are not believed beyond what a token lives, each alone', () => {
    expect(endsOf(filled({ ...BOTH, 'default/us-east-1': 14 }))).toEqual([11, 'doubtful']);
  });

  describe('after another version has filled the Secret, which left the annotation as it was', () => {
    const ends = (secret: Secret) =>
      oldCredentials(secret, dockerConfigJson, { ...POLICY, grants: GRANTS })?.byGrant.map(
        (each) => each && [each.expiresAt && (each.expiresAt - NOW) / HOUR, each.isOurs],
      );
    /** This version knows the first region only. */
    const refilled = (before: Parameters<typeof filled>[0], hosts = [OWN_HOST, MIRROR]) => {
      const { metadata } = filledSecret(9);
      return withAnnotations(filled(before, hosts), metadata!.annotations!);
    };

    it.each<[string, Parameters<typeof filled>[0]]>([
      ['had ended', { 'default/eu-west-1': -3, 'default/us-east-1': -2 }],
      ['had ended, and another one was missing', { 'default/eu-west-1': -3, 'default/us-east-1': 'missing' }],
      ['were missing', { 'default/eu-west-1': 'missing', 'default/us-east-1': 'missing' }],
      ['would live longer', { 'default/eu-west-1': 11, 'default/us-east-1': 'missing' }],
    ])('the only one ends when this version says, also if those before it %s', (_, before) => {
      expect(ends(refilled(before))).toEqual([[9, false], undefined]);
    });

    it('several have no known end', () => {
      const hosts = [OWN_HOST, MIRROR, OTHER_HOST];
      expect(ends(refilled({ 'default/eu-west-1': -3, 'default/us-east-1': -2 }, hosts))).toEqual([
        [undefined, false],
        [undefined, false],
      ]);
    });
  });

  it('have no known end if the annotation is gone, and expires_at is the time of writing', () => {
    const missing = { 'default/eu-west-1': 11, 'default/us-east-1': 'missing' } as const;
    const gone = without(filled(missing, [OWN_HOST, MIRROR]), EACH);
    const old = oldCredentials(gone, dockerConfigJson, { ...POLICY, grants: GRANTS });
    expect(old?.byGrant).toEqual([expect.objectContaining({ expiresAt: undefined }), undefined]);
  });

  it('are read whatever their number was: the Secret was made under other settings', () => {
    const hosts = Array.from({ length: 100 }, (_, index) => `mirror-${index}.example.com`);
    const secret = filledSecret(11, { hosts: [OWN_HOST, MIRROR, ...hosts], password: 'p'.repeat(2_500) });
    expect(endsOf(secret, [GRANT])).toEqual(['doubtful']);
  });

  it('lack what was never there: a second region was added', () => {
    const one = filledSecret(11);
    expect(endsOf(one, GRANTS, 'of-two-regions')).toEqual(['doubtful', 'none']);
  });

  it('that have not each host of today are not believed, and are still there', () => {
    const more = [{ ...GRANT, hosts: [MIRROR, 'new.example.com'] }, OTHER_GRANT];
    expect(endsOf(filled(BOTH), more)).toEqual(['doubtful', 9]);
    const old = oldCredentials(filled(BOTH), dockerConfigJson, { ...POLICY, grants: more });
    expect([...old!.byGrant[0]!.logins.keys()]).toEqual([OWN_HOST, MIRROR]);
  });

  it('of one region end at expires_at, whatever was left of a time with several', () => {
    for (const text of ['default/eu-west-1=2026-01-01T14:04:05.678Z, default/us-east-1=missing', 'x'])
      expect(endsOf(withAnnotations(filledSecret(11), { [EACH]: text }), [GRANT])).toEqual([11]);
  });

  describe('before the first token', () => {
    const unknown = ({ name, region, hosts }: Grant, account?: string): Grant => ({
      name,
      region,
      hosts,
      ownHost: undefined,
      account,
    });

    it('are told apart by the region in the host', () => {
      expect(
        endsOf(
          filled(BOTH),
          GRANTS.map((grant) => unknown(grant)),
        ),
      ).toEqual([11, 9]);
    });

    it('are told apart by the account of the role, where two have the same region', () => {
      const other = '444455556666.dkr.ecr.eu-west-1.amazonaws.com';
      const secret = filled({ 'a/eu-west-1': 11, 'b/eu-west-1': 9 }, [other, OWN_HOST]);
      const [a, b] = ['a/eu-west-1', 'b/eu-west-1'].map((name) => ({ ...GRANT, name, hosts: [] }));
      expect(endsOf(secret, [unknown(a!, '111122223333'), unknown(b!, '444455556666')])).toEqual([11, 9]);
      // Which is whose, nobody knows. Both stay if there is no token.
      expect(endsOf(secret, [unknown(a!), unknown(b!)])).toEqual(['doubtful', 'doubtful']);
      const one = filled({ 'a/eu-west-1': 11, 'b/eu-west-1': 9 }, [OWN_HOST]);
      expect(endsOf(one, [unknown(a!), unknown(b!)])).toEqual(['doubtful', 'doubtful']);
    });
  });
});
