import { allow } from '@ecr-anywhere/admission';
import { EcrTokenError, type EcrToken } from '@ecr-anywhere/ecr-token';
import { describe, expect, it } from '@jest/globals';
import { applyPatch, type Operation } from 'rfc6902';
import { dockerConfigJson } from '../consumers/docker-config-json.ts';
import type { Secret } from '../consumers/secret.ts';
import { GRANT, KEY, NOW, OWN_HOST, token } from '../testing/requests.ts';
import type { ChosenGrant } from '../grants/choice.ts';
import { credentialWriter } from './credential-writer.ts';
import { fill, type CredentialData } from './fill.ts';

const OPTIONS = { dockerConfigFields: 'auth' } as const;

function sent(patch: ReturnType<typeof fill>): Operation[] {
  const { response } = allow({ apiVersion: 'admission.k8s.io/v1', request: { uid: '1' } }, { patch });
  return JSON.parse(Buffer.from(response.patch!, 'base64').toString()) as Operation[];
}

/** A grant with these hosts, which gets this token. */
function tokenFor(name: string, given: EcrToken, hosts: readonly string[] = []): ChosenGrant {
  const expiresAt = given.expiresAt.getTime();
  return {
    grant: { ...GRANT, name, hosts },
    choice: { kind: 'token', token: given, expiresAt, trouble: undefined, isShortLived: false },
  };
}

/** A grant whose old credential stays. */
function oldFor({ grant }: ChosenGrant, host: string): ChosenGrant {
  const logins = new Map([[host, { username: 'AWS', password: 'old' }]]);
  const old = { logins, expiresAt: NOW, isOurs: true };
  return { grant, choice: { kind: 'old', old, expiresAt: NOW, trouble: undefined, isShortLived: false } };
}

function passwords({ data }: CredentialData): [host: string, password: string][] {
  const { auths } = JSON.parse(Buffer.from(data[KEY]!, 'base64').toString()) as {
    auths: Record<string, { auth: string }>;
  };
  return Object.entries(auths).map(([host, { auth }]) => [
    host,
    Buffer.from(auth, 'base64').toString().replace('AWS:', ''),
  ]);
}

describe('the data that fills a Secret', () => {
  it('is created once for each token, even if other Secrets come in between', () => {
    const write = credentialWriter(OPTIONS);
    const [one, other] = [tokenFor('one/r', token(12, 'of-one')), tokenFor('other/r', token(12, 'of-other'))];
    const first = write([one], dockerConfigJson);
    expect(write([other], dockerConfigJson)).not.toBe(first);
    expect(write([one], dockerConfigJson)).toBe(first);
    expect(write([tokenFor('one/r', token(12, 'the-next'))], dockerConfigJson)).not.toBe(first);
  });

  it('is created again where a grant has other hosts than before', () => {
    const write = credentialWriter(OPTIONS);
    const shared = token(12);
    for (const host of ['one.example', 'other.example'])
      expect(
        passwords(write([tokenFor('one/r', shared, [host])], dockerConfigJson)).map(([name]) => name),
      ).toEqual([OWN_HOST, host]);
  });

  it('is remembered for a hundred combinations of grants, and for no more', () => {
    const write = credentialWriter(OPTIONS);
    const all = Array.from({ length: 101 }, (_, index) => tokenFor(`p${index}/r`, token(12)));
    const first = all.map((one) => write([one], dockerConfigJson));
    expect(write([all[100]!], dockerConfigJson)).toBe(first[100]);
    expect(write([all[1]!], dockerConfigJson)).toBe(first[1]);
    expect(write([all[0]!], dockerConfigJson)).not.toBe(first[0]);
  });

  it('is encoded once for all Secrets, as the operation that sets it', () => {
    const credentials = credentialWriter(OPTIONS)([tokenFor('one/r', token(12))], dockerConfigJson);
    const plain = { op: 'add', path: `/data/${KEY}`, value: credentials.data[KEY] };
    const patch = fill({ data: {} }, credentials, {});
    expect(fill({ data: { other: 'x' } }, credentials, {})[0]).toBe(patch[0]);
    expect(sent(patch)).toEqual([plain]);
  });

  it('fills a Secret without data, too', () => {
    const credentials = credentialWriter(OPTIONS)([tokenFor('one/r', token(12))], dockerConfigJson);
    const secret: Secret = {};
    expect(applyPatch(secret, sent(fill(secret, credentials, {})))).toEqual([null, null]);
    expect(secret.data).toEqual(credentials.data);
  });

  it('has the old credential beside a token, for the grant in which it stays', () => {
    const [one, other] = [tokenFor('one/r', token(12, 'new')), tokenFor('other/r', token(12))];
    expect(
      passwords(credentialWriter(OPTIONS)([one, oldFor(other, 'old.example')], dockerConfigJson)),
    ).toEqual([
      ['old.example', 'old'],
      [OWN_HOST, 'new'],
    ]);
  });

  it('has the token for a host whose old entry may be that of a grant without a token', () => {
    const [one, other] = [tokenFor('one/r', token(12, 'new')), tokenFor('other/r', token(12))];
    const { choice } = oldFor(other, OWN_HOST);
    if (choice.kind !== 'old') throw new Error('made as an old one');
    const trouble = new EcrTokenError({ code: 'network', message: 'away', remedy: 'wait' });
    const missing: ChosenGrant = {
      grant: other.grant,
      choice: { kind: 'missing', old: choice.old, trouble, isShortLived: false },
    };
    for (const chosen of [
      [one, missing],
      [missing, one],
    ])
      expect(passwords(credentialWriter(OPTIONS)(chosen, dockerConfigJson))).toEqual([[OWN_HOST, 'new']]);
  });
});
