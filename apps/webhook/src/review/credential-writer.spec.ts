import { allow } from '@ecr-anywhere/admission';
import { describe, expect, it } from '@jest/globals';
import { applyPatch, type Operation } from 'rfc6902';
import { dockerConfigJson } from '../consumers/docker-config-json.ts';
import type { Secret } from '../consumers/secret.ts';
import { KEY, token } from '../testing/requests.ts';
import { credentialWriter } from './credential-writer.ts';
import { fill } from './fill.ts';

const OPTIONS = { dockerConfigFields: 'auth' } as const;

function sent(patch: ReturnType<typeof fill>): Operation[] {
  const { response } = allow({ apiVersion: 'admission.k8s.io/v1', request: { uid: '1' } }, { patch });
  return JSON.parse(Buffer.from(response.patch!, 'base64').toString()) as Operation[];
}

describe('the data that fills a Secret', () => {
  it('is created once for each token of a target, even if other targets come in between', () => {
    const write = credentialWriter(OPTIONS);
    const [one, other] = [{ hosts: ['one.example'] }, { hosts: ['other.example'] }];
    const [ofOne, ofOther] = [token(12, 'of-one'), token(12, 'of-other')];
    const first = write(one, dockerConfigJson, ofOne);
    expect(write(other, dockerConfigJson, ofOther)).not.toBe(first);
    expect(write(one, dockerConfigJson, ofOne)).toBe(first);
    expect(write(one, dockerConfigJson, token(12, 'the-next'))).not.toBe(first);
  });

  it('is encoded once for all Secrets, as the operation that sets it', () => {
    const credentials = credentialWriter(OPTIONS)({ hosts: [] }, dockerConfigJson, token(12));
    const plain = { op: 'add', path: `/data/${KEY}`, value: credentials.data[KEY] };
    const patch = fill({ data: {} }, credentials, {});
    expect(fill({ data: { other: 'x' } }, credentials, {})[0]).toBe(patch[0]);
    expect(sent(patch)).toEqual([plain]);
  });

  it('fills a Secret without data, too', () => {
    const credentials = credentialWriter(OPTIONS)({ hosts: [] }, dockerConfigJson, token(12));
    const secret: Secret = {};
    expect(applyPatch(secret, sent(fill(secret, credentials, {})))).toEqual([null, null]);
    expect(secret.data).toEqual(credentials.data);
  });

  it('has the hosts of the target, even if another target has the same token', () => {
    const write = credentialWriter(OPTIONS);
    const shared = token(12);
    const hostsOf = (host: string) => {
      const { data } = write({ hosts: [host] }, dockerConfigJson, shared);
      return Object.keys(
        (JSON.parse(Buffer.from(data[KEY]!, 'base64').toString()) as { auths: object }).auths,
      );
    };
    expect(hostsOf('one.example')).toContain('one.example');
    expect(hostsOf('other.example')).toContain('other.example');
    expect(hostsOf('other.example')).not.toContain('one.example');
  });
});
