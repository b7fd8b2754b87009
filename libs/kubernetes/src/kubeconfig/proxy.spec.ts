import { describe, expect, it } from '@jest/globals';
import { isExempt, proxyFromEnvironment, proxyOfField } from './proxy.ts';

// The table of golang.org/x/net/http/httpproxy, proxy_test.go.
const NO_PROXY =
  'foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30, ' +
  '2001:db8::52:0:1, [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64';

describe('NO_PROXY', () => {
  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.0.0.2', true],
    ['::1', true],
    ['::2', false],
    ['192.168.1.1', true],
    ['192.168.1.2', false],
    ['192.168.1.3', true],
    ['192.168.1.4', false],
    ['10.0.0.2', true],
    ['2001:db8::52:0:1', true],
    ['2001:db8::52:0:2', false],
    ['2001:db8::52:0:3', true],
    ['2002:db8:a::123', true],
    ['fe80::424b:c8be:1643:a1b6', false],
    ['barbaz.net', false],
    ['www.barbaz.net', true],
    ['foobar.com', true],
    ['www.foobar.com', true],
    ['foofoobar.com', false],
    ['baz.com', false],
    ['localhost.net', false],
    ['local.localhost', false],
    ['barbarbaz.net', false],
    ['wildcard.io', false],
    ['nested.wildcard.io', true],
    ['awildcard.io', false],
  ])('contains %s: %p', (host, expected) => {
    expect(isExempt(NO_PROXY, host, '80')).toBe(expected);
    expect(isExempt('*', host, '80')).toBe(true);
  });

  it('has commas between its entries, not spaces, as in kubectl', () => {
    expect(isExempt('example.org, example.com', 'example.com', '80')).toBe(true);
    expect(isExempt('example.org example.com', 'example.com', '80')).toBe(false);
  });

  it.each([':1', ',', '', '10.0.0.0/99', '10.0.0.0/x', '/8', '[', ':'])('may be invalid: %j', (noProxy) => {
    expect(isExempt(noProxy, 'example.com', '80')).toBe(false);
    expect(isExempt(noProxy, '10.0.0.1', '80')).toBe(false);
  });
});

describe('the proxy of the environment', () => {
  const server = new URL('https://[2001:db8::1]:6443/prefix');

  it('is not used for an address in NO_PROXY, with or without a port', () => {
    const env = { HTTPS_PROXY: 'http://proxy:3128' };
    expect(proxyFromEnvironment(server, env)?.url.host).toBe('proxy:3128');
    for (const NO_PROXY of ['2001:db8::/32', '2001:db8::1', '[2001:db8::1]:6443'])
      expect(proxyFromEnvironment(server, { ...env, NO_PROXY })).toBeUndefined();
  });

  it.each(['http://', 'proxy:port', 'http://a%zz@proxy'])(
    'is refused with the name of its setting if it is not a URL: %s',
    (text) => {
      expect(() => proxyFromEnvironment(server, { HTTPS_PROXY: text })).toThrow(
        'HTTPS_PROXY: expected a URL',
      );
      expect(() => proxyOfField(text, 'proxy-url')).toThrow('proxy-url: expected a URL');
    },
  );
});
