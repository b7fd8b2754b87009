import { describe, expect, it } from '@jest/globals';
import { ANNOTATIONS, WEBHOOK_NAME } from '@ecr-anywhere/secret-scan';
import { causeOfRefusal } from '@ecr-anywhere/settings';
import { UNNAMED_HOST, type Wanted } from '../consumers/consumer.ts';
import { GRANT, OTHER_GRANT } from '../testing/requests.ts';
import { hostsOf, type Grant } from './grant.ts';
import { grantsFor } from './grants-for.ts';

const IRELAND: Grant = GRANT;
const VIRGINIA: Grant = OTHER_GRANT;
const CHINA: Grant = { ...OTHER_GRANT, name: 'default/cn-north-1', region: 'cn-north-1' };
const BOTH = [IRELAND, VIRGINIA];

const password = (...hosts: string[]): Wanted => ({
  kind: 'one-password',
  hosts: hosts.map((host, index) => ({ host, from: `place ${index}` })),
  warnings: [],
});

/** The name of the grant and its hosts, or the reason of the refusal. */
function result(wanted: Wanted, grants: readonly Grant[] = BOTH) {
  const chosen = grantsFor(wanted, grants);
  if (chosen.kind === 'refused') return chosen.message;
  return chosen.grants.map((grant) => [grant.name, ...hostsOf(grant, { proxyEndpoint: 'https://own' })]);
}

describe('what fills a Secret', () => {
  it('is every grant, if it has an entry for each host', () => {
    expect(grantsFor({ kind: 'every-host' }, BOTH)).toEqual({ kind: 'grants', grants: BOTH });
  });

  it.each([
    ['111122223333.dkr.ecr.us-east-1.amazonaws.com', 'default/us-east-1'],
    ['999988887777.dkr.ecr.us-east-1.amazonaws.com', 'default/us-east-1'],
    ['999988887777.dkr.ecr-fips.us-east-1.amazonaws.com', 'default/us-east-1'],
    ['999988887777.dkr-ecr.eu-west-1.on.aws', 'default/eu-west-1'],
    ['999988887777.dkr.ecr.eu-west-1.amazonaws.com:443', 'default/eu-west-1'],
    ['mirror.example.com', 'default/eu-west-1'],
  ])('is the grant of the region of its host %s, for this host alone', (host, name) => {
    expect(result(password(host))).toEqual([[name, host]]);
  });

  it.each([
    'evil.example.com',
    '111122223333.dkr.ecr.ap-south-1.amazonaws.com',
    '111122223333.dkr.ecr.eu-west-1.amazonaws.com.evil.example.com',
    '111122223333.dkr.ecr.eu-west-1.amazonaws.com.cn',
    '111122223333.dkr.ecr.eu-west-1.amazonaws.co',
    '111122223333.dkr.ecr.eu-west-1.evil.com',
    'evil.111122223333.dkr.ecr.eu-west-1.amazonaws.com',
    'evil-111122223333.dkr.ecr.eu-west-1.amazonaws.com',
    '11112222333.dkr.ecr.eu-west-1.amazonaws.com',
    'dkr.ecr.eu-west-1.amazonaws.com',
    '111122223333.ecr.eu-west-1.amazonaws.com',
    '111122223333.dkr.ecr.eu-west-1.evil.on.aws',
    'public.ecr.aws',
    'sub.mirror.example.com',
    'mirror.example.com:5000',
    'mirror.example.com.evil.com',
  ])('is nothing for the host %s, and the error says what is served', (host) => {
    expect(result(password(host))).toMatch(
      /place 0; it serves .*eu-west-1, us-east-1, and mirror\.example\.com$/,
    );
  });

  it('is not the grant of the same region name in another partition', () => {
    const host = '111122223333.dkr.ecr.cn-north-1.amazonaws.com';
    expect(result(password(host), [CHINA])).toContain('cn-north-1');
    expect(result(password(`${host}.cn`), [CHINA])).toEqual([['default/cn-north-1', `${host}.cn`]]);
  });

  it('is one grant for several hosts only if it serves all of them', () => {
    const [ireland, elsewhere] = [
      '111122223333.dkr.ecr.eu-west-1.amazonaws.com',
      '111122223333.dkr.ecr.us-east-1.amazonaws.com',
    ];
    expect(result(password(ireland, 'mirror.example.com'))).toEqual([['default/eu-west-1', ireland]]);
    expect(result(password(ireland, elsewhere))).toContain('place 0 and in place 1');
    expect(result(password(ireland, 'evil.example.com'))).toContain('place 1; it serves');
  });

  it('is the only grant, if it names no host; with several, the error names the annotation', () => {
    expect(result(password(), [IRELAND])).toEqual([['default/eu-west-1', UNNAMED_HOST]]);
    expect(result(password())).toContain(`set the annotation ${ANNOTATIONS.registry} to its host`);
  });

  it('is nothing, if one password has several profiles, also where only one of them serves the host', () => {
    const other = { ...VIRGINIA, name: 'team-b/us-east-1' };
    const message = 'cannot have several profiles (default, team-b)';
    expect(result(password('mirror.example.com'), [IRELAND, other])).toContain(message);
    expect(result(password(), [IRELAND, other])).toContain(message);
    expect(grantsFor({ kind: 'every-host' }, [IRELAND, other]).kind).toBe('grants');
  });

  it('is nothing for reasons that the refresher knows as those of other settings', () => {
    const [ireland, elsewhere] = ['eu-west-1', 'us-east-1'].map(
      (region) => `111122223333.dkr.ecr.${region}.amazonaws.com`,
    ) as [string, string];
    for (const wanted of [password('evil.example.com'), password(), password(ireland, elsewhere)])
      expect(
        causeOfRefusal(`admission webhook "${WEBHOOK_NAME}" denied the request: ${String(result(wanted))}`),
      ).toBe('hosts');
  });

  it('is nothing, if the Secret does not say clearly what it wants', () => {
    expect(result({ kind: 'refused', message: 'unclear' })).toBe('unclear');
  });

  it('is refused in few words, whatever is served', () => {
    const hosts = Array.from({ length: 1_000 }, (_, index) => `mirror-${index}.example.com`);
    expect(result(password('evil.example.com'), [{ ...IRELAND, hosts }]).length).toBeLessThan(1_000);
  });
});
