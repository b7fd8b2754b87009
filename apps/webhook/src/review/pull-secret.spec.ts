import { describe, expect, it } from '@jest/globals';
import { token } from '../testing/requests.ts';
import { pullSecretMaker } from './pull-secret.ts';

describe('the credential of a pull Secret', () => {
  it('is made once for each token of a target, although other targets come in between', () => {
    const pullSecret = pullSecretMaker();
    const [one, other] = [{ hosts: ['one.example'] }, { hosts: ['other.example'] }];
    const [ofOne, ofOther] = [token(12, 'of-one'), token(12, 'of-other')];
    const first = pullSecret(one, ofOne);
    expect(pullSecret(other, ofOther)).not.toBe(first);
    expect(pullSecret(one, ofOne)).toBe(first);
    expect(pullSecret(one, token(12, 'the-next'))).not.toBe(first);
  });

  it('has the hosts of the target, although another target has the same token', () => {
    const pullSecret = pullSecretMaker();
    const shared = token(12);
    const hostsOf = (host: string) => {
      const { value } = pullSecret({ hosts: [host] }, shared);
      return Object.keys((JSON.parse(Buffer.from(value, 'base64').toString()) as { auths: object }).auths);
    };
    expect(hostsOf('one.example')).toContain('one.example');
    expect(hostsOf('other.example')).toContain('other.example');
    expect(hostsOf('other.example')).not.toContain('one.example');
  });
});
