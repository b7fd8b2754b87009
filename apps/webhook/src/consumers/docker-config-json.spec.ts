import { describe, expect, it } from '@jest/globals';
import { fakeSecret, filledSecret, KEY, OWN_HOST, token } from '../testing/requests.ts';
import { dockerConfigJson } from './docker-config-json.ts';
import { consumerOf } from './index.ts';
import type { Secret } from './secret.ts';

const HOSTS = [OWN_HOST, 'mirror.example.com'];
const base64 = (text: string) => Buffer.from(text).toString('base64');
const GRANTS = HOSTS.map((host) => ({ host, token: token(12) }));

describe('a Secret of the type kubernetes.io/dockerconfigjson', () => {
  it('is filled, and no Secret of another type is', () => {
    expect(consumerOf(fakeSecret())).toBe(dockerConfigJson);
    for (const type of [undefined, 'Opaque', 'kubernetes.io/dockercfg', 7])
      expect(consumerOf({ ...fakeSecret(), type } as Secret)).toBeUndefined();
  });

  describe.each(['auth', 'username,password,auth'] as const)('with the fields %s', (dockerConfigFields) => {
    it('gets a Docker config with exactly these fields for each host', () => {
      const data = dockerConfigJson.write(GRANTS, { dockerConfigFields });
      expect(Object.keys(data)).toEqual(dockerConfigJson.keys);
      const { username, password } = token(12);
      const auth = Buffer.from(`${username}:${password}`).toString('base64');
      const entry = dockerConfigFields === 'auth' ? { auth } : { username, password, auth };
      expect(JSON.parse(Buffer.from(data[KEY]!, 'base64').toString())).toEqual({
        auths: Object.fromEntries(HOSTS.map((host) => [host, entry])),
      });
    });

    it('is read by the hosts in it', () => {
      const { username, password } = token(12, 'password-of-old');
      expect(dockerConfigJson.read(filledSecret(11, { fields: dockerConfigFields }))).toEqual({
        logins: new Map(HOSTS.map((host) => [host, { username, password }])),
        isOurForm: true,
      });
    });
  });

  it.each<[string, unknown]>([
    ['FAKE', { [KEY]: 'FAKE' }],
    [
      'a config of another form',
      { [KEY]: Buffer.from('{"auths":{"a":{"identitytoken":"x"}}}').toString('base64') },
    ],
    ['a value that is no text', { [KEY]: 7 }],
    ['no such key', { other: 'e30=' }],
    ['no data', null],
  ])('is not recognised with %s in it', (_, data) => {
    const held = dockerConfigJson.read({ ...fakeSecret(), data } as Secret);
    expect(held).toEqual({ logins: new Map(), isOurForm: false });
  });

  it.each<[string, object]>([
    ['kubectl with an e-mail address', { username: 'AWS', password: 'pw', email: 'a@example.com' }],
    ['docker login, with a token beside it', { auth: base64('AWS:pw'), identitytoken: '' }],
    [
      'a program that says the same in other words',
      { Auth: base64('AWS:pw'), username: 'AWS', password: 'x' },
    ],
  ])('still has the credentials that were written by %s, in a form that is not ours', (_, entry) => {
    const auths = {
      [OWN_HOST]: entry,
      broken: null,
      odd: { auth: 'x' },
      empty: { username: '', password: '' },
    };
    const data = { [KEY]: base64(JSON.stringify({ auths, credsStore: 'x' })) };
    expect(dockerConfigJson.read({ ...fakeSecret(), data })).toEqual({
      logins: new Map([[OWN_HOST, { username: 'AWS', password: 'pw' }]]),
      isOurForm: false,
    });
  });
});
