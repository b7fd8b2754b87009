import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dockerConfig, hostsOfDockerConfig } from './docker-config.ts';

const token = { username: 'AWS', password: 'p:w' };

describe('a Docker config', () => {
  it('has username, password and both in Base64 for each host', () => {
    const auth = Buffer.from('AWS:p:w').toString('base64');
    expect(
      JSON.parse(
        JSON.stringify(
          dockerConfig([
            { host: 'a', token },
            { host: 'b', token },
          ]),
        ),
      ),
    ).toEqual({
      auths: { a: { username: 'AWS', password: 'p:w', auth }, b: { username: 'AWS', password: 'p:w', auth } },
    });
  });

  it('is recognised as ours, whatever the hosts and passwords are', () => {
    const text = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.uniqueArray(text), text, (hosts, password) => {
        const config = dockerConfig(hosts.map((host) => ({ host, token: { username: 'AWS', password } })));
        expect([...(hostsOfDockerConfig(JSON.stringify(config)) ?? [])].sort()).toEqual([...hosts].sort());
      }),
    );
  });

  it.each([
    ['', 'nothing'],
    ['FAKE', 'no JSON'],
    ['[]', 'no object'],
    ['{"auths":[]}', 'a list of auths'],
    ['{"auths":{},"credsStore":"x"}', 'further settings'],
    ['{"auths":{"a":{"auth":"QVdTOng="}}}', 'an entry without a password'],
    ['{"auths":{"a":{"username":"AWS","password":"y","auth":"QVdTOng="}}}', 'an auth of another password'],
    ['{"auths":{"a":{"username":"AWS","password":"x","auth":"QVdTOng=","email":"e"}}}', 'a field too many'],
  ])('is not recognised in %j (%s)', (text) => expect(hostsOfDockerConfig(text)).toBeUndefined());

  it('is looked for without an exception in anything', () => {
    fc.assert(fc.property(fc.json(), (text) => void hostsOfDockerConfig(text)));
    fc.assert(fc.property(fc.string(), (text) => void hostsOfDockerConfig(text)));
  });
});
