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
  return withAnnotations(filledSecret(1, { hosts }), { [EACH]: text });
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

  it('are not believed if the annotation does not name them, or is no list of ends', () => {
    expect(endsOf(filled({ 'default/eu-west-1': 11, 'default/eu-north-1': 9 }))).toEqual([11, 'doubtful']);
    const forged = withAnnotations(filled(BOTH), { [EACH]: 'x'.repeat(10_000) });
    // Then `expires_at` counts, which is the end of the first one.
    expect(endsOf(forged)).toEqual([1, 1]);
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
