import { describe, expect, it } from '@jest/globals';
import { clientOptionsFromEnv } from './client-options.ts';

function refusal(env: Record<string, string>): unknown {
  try {
    return clientOptionsFromEnv(env);
  } catch (error) {
    return error;
  }
}

describe('the environment', () => {
  it.each([
    [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' }, 'eu-west-1'],
    [{ AWS_DEFAULT_REGION: 'us-east-1' }, 'us-east-1'],
    [{ AWS_REGION: '', AWS_DEFAULT_REGION: ' us-east-1 ' }, 'us-east-1'],
    [{}, undefined],
  ])('%p gives the region %p', (env, region) => {
    expect(clientOptionsFromEnv(env).region).toBe(region);
  });

  it('names the proxy; upper case takes precedence, as in Go', () => {
    expect(clientOptionsFromEnv({ HTTPS_PROXY: 'http://a:1', https_proxy: 'http://b:2' })).toMatchObject({
      httpsProxy: 'http://a:1',
    });
    expect(clientOptionsFromEnv({ https_proxy: 'b:2', no_proxy: 'x' })).toMatchObject({
      httpsProxy: 'http://b:2',
      noProxy: 'x',
    });
  });

  it('names the endpoints and the certificates', () => {
    const env = {
      AWS_USE_FIPS_ENDPOINT: 'true',
      AWS_USE_DUALSTACK_ENDPOINT: 'FALSE',
      AWS_CA_BUNDLE: '/ca.pem',
    };
    expect(clientOptionsFromEnv(env)).toMatchObject({
      useFipsEndpoint: true,
      useDualstackEndpoint: false,
      caBundle: '/ca.pem',
    });
  });

  it.each([
    ['AWS_REGION', 'eu-west-1.evil.example.com/'],
    ['AWS_REGION', 'EU (Ireland)'],
    ['AWS_DEFAULT_REGION', 'a b'],
    ['AWS_USE_FIPS_ENDPOINT', 'yes'],
    ['AWS_USE_DUALSTACK_ENDPOINT', '1'],
    ['HTTPS_PROXY', 'socks5://user:planted-secret@proxy:1080'],
    ['https_proxy', 'http://'],
    ['AWS_ENDPOINT_URL', 'localhost:45661'],
    ['AWS_ENDPOINT_URL_ECR', 'nonsense'],
    ['AWS_ENDPOINT_URL_STS', 'ftp://user:planted-secret@example.com'],
    ['HTTPS_PROXY', 'http://user:planted-secret%@proxy:3128'],
  ])('with %s=%s is refused by the name of the variable, without its value', (name, value) => {
    const error = refusal({ [name]: value });
    expect(error).toMatchObject({ code: 'invalid-settings', message: expect.stringContaining(name) });
    expect(String(error)).not.toContain('planted-secret');
  });

  it('with several mistakes is refused with all of them', () => {
    const error = refusal({ AWS_REGION: 'a b', AWS_USE_FIPS_ENDPOINT: 'yes', HTTPS_PROXY: 'socks5://x' });
    expect(error).toMatchObject({
      code: 'invalid-settings',
      message: expect.stringMatching(
        /^AWS_REGION is not the name of a region; AWS_USE_FIPS_ENDPOINT .*; HTTPS_PROXY /,
      ),
      mistakes: ['AWS_REGION', 'AWS_USE_FIPS_ENDPOINT', 'HTTPS_PROXY'].map((name) => ({
        message: expect.stringContaining(name),
        remedy: expect.stringContaining(name),
      })),
    });
  });

  it('is read only for options that are not given; a wrong variable that is not read does not matter', () => {
    const env = {
      AWS_REGION: 'a b',
      AWS_DEFAULT_PROFILE: 'ci',
      AWS_USE_FIPS_ENDPOINT: 'true',
      HTTPS_PROXY: 'socks5://x',
      NO_PROXY: 'example.com',
      AWS_CA_BUNDLE: '/ca.pem',
    };
    const given = { region: 'eu-west-1', httpsProxy: null, caBundle: undefined, useFipsEndpoint: false };
    expect(clientOptionsFromEnv(env, { ...given, maxAttempts: 1 })).toEqual({
      region: 'eu-west-1',
      profile: 'ci',
      httpsProxy: null,
      noProxy: 'example.com',
      caBundle: '/ca.pem',
      useFipsEndpoint: false,
      useDualstackEndpoint: undefined,
      maxAttempts: 1,
    });
  });

  it.each([
    ['region', 'eu-west-1.evil.example.com/'],
    ['httpsProxy', 'socks5://user:planted-secret@proxy:1080'],
  ])('does not replace a wrong option: %s', (name, value) => {
    let error: unknown;
    try {
      clientOptionsFromEnv({ AWS_REGION: 'eu-west-1', HTTPS_PROXY: 'http://a:1' }, { [name]: value });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ code: 'invalid-settings', message: expect.stringMatching(`^${name} `) });
    expect(String(error)).not.toContain('planted-secret');
  });

  it('without a proxy and certificates gives explicit empty options, so another environment cannot add them', () => {
    const ofAnother = clientOptionsFromEnv({});
    expect(
      clientOptionsFromEnv({ HTTPS_PROXY: 'http://a:1', NO_PROXY: 'b', AWS_CA_BUNDLE: '/c' }, ofAnother),
    ).toMatchObject({ httpsProxy: null, noProxy: null, caBundle: null });
  });
});
