import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dockerConfig, readDockerConfig } from './docker-config.ts';

const token = { username: 'AWS', password: 'p:w', region: 'eu-west-1' };

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

  it.each([
    '111122223333.dkr.ecr.eu-west-1.amazonaws.com',
    '444455556666.dkr.ecr-fips.eu-west-1.amazonaws.com:443',
    '444455556666.dkr-ecr.eu-west-1.on.aws',
    'mirror.example.com:5000',
    '111122223333.dkr.ecr.us-east-1.amazonaws.com.mirror.example.com',
  ])('may have %s', (host) => {
    expect(Object.keys(dockerConfig([{ host, token }]).auths)).toEqual([host]);
  });

  it.each([
    ['444455556666.dkr.ecr.us-east-1.amazonaws.com', 'is a registry of us-east-1, which tokens of eu-west-1'],
    ['444455556666.dkr.ecr.eu-west-1.amazonaws.com.cn', 'has the domain of the partition aws-cn'],
    ['public.ecr.aws', 'is ECR Public, which tokens of private registries do not open'],
  ])('with a token that %s does not accept is refused, and the error says what to do', (host, words) => {
    const grants = [
      { host: 'mirror.example.com', token },
      { host, token },
    ];
    expect(() => dockerConfig(grants)).toThrow(
      expect.objectContaining({
        code: 'invalid-settings',
        message: expect.stringContaining(`${host} ${words}`),
        remedy: expect.stringContaining('ecrTokenProvider({ registry })'),
      }),
    );
    expect(() => dockerConfig(grants)).not.toThrow(/p:w/);
  });

  it('is recognised as ours, with any hosts and passwords', () => {
    const text = fc.string({ minLength: 1 });
    fc.assert(
      fc.property(fc.uniqueArray(text), text, (hosts, password) => {
        const config = dockerConfig(hosts.map((host) => ({ host, token: { ...token, password } })));
        const logins = readDockerConfig(JSON.stringify(config)) ?? new Map();
        expect([...logins.keys()].sort()).toEqual([...hosts].sort());
        for (const login of logins.values()) expect(login).toEqual({ username: token.username, password });
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
  ])('is not recognised in %j (%s)', (text) => expect(readDockerConfig(text)).toBeUndefined());

  it('is searched for in any text without an exception', () => {
    fc.assert(fc.property(fc.json(), (text) => void readDockerConfig(text)));
    fc.assert(fc.property(fc.string(), (text) => void readDockerConfig(text)));
  });
});
