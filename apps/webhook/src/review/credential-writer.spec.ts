import { describe, expect, it } from '@jest/globals';
import { dockerConfigJson } from '../consumers/docker-config-json.ts';
import { KEY, token } from '../testing/requests.ts';
import { credentialWriter } from './credential-writer.ts';

describe('the data that fills a Secret', () => {
  it('is created once for each token of a target, even if other targets come in between', () => {
    const write = credentialWriter();
    const [one, other] = [{ hosts: ['one.example'] }, { hosts: ['other.example'] }];
    const [ofOne, ofOther] = [token(12, 'of-one'), token(12, 'of-other')];
    const first = write(one, dockerConfigJson, ofOne);
    expect(write(other, dockerConfigJson, ofOther)).not.toBe(first);
    expect(write(one, dockerConfigJson, ofOne)).toBe(first);
    expect(write(one, dockerConfigJson, token(12, 'the-next'))).not.toBe(first);
  });

  it('has the hosts of the target, even if another target has the same token', () => {
    const write = credentialWriter();
    const shared = token(12);
    const hostsOf = (host: string) => {
      const data = write({ hosts: [host] }, dockerConfigJson, shared);
      return Object.keys(
        (JSON.parse(Buffer.from(data[KEY]!, 'base64').toString()) as { auths: object }).auths,
      );
    };
    expect(hostsOf('one.example')).toContain('one.example');
    expect(hostsOf('other.example')).toContain('other.example');
    expect(hostsOf('other.example')).not.toContain('one.example');
  });
});
