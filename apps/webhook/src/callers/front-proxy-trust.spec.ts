import { createCertificateAuthority, type CertificateAuthority } from '@ecr-anywhere/certificates';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { frontProxyTrust } from './front-proxy-trust.ts';

describe('the ConfigMap that says how to recognize the front proxy', () => {
  let proxies: CertificateAuthority;
  let users: CertificateAuthority;

  beforeAll(async () => {
    [proxies, users] = await Promise.all([
      createCertificateAuthority('front-proxy-ca'),
      createCertificateAuthority('ca'),
    ]);
  });

  /** As kube-apiserver writes it. */
  const configMap = (changes: Record<string, string | undefined> = {}) => {
    const data = {
      'client-ca-file': users.cert,
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-client-ca-file': proxies.cert,
      'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
      'requestheader-group-headers': '["X-Remote-Group"]',
      'requestheader-uid-headers': '["X-Remote-Uid"]',
      'requestheader-username-headers': '["X-Remote-User"]',
      ...changes,
    };
    return { kind: 'ConfigMap', data: JSON.parse(JSON.stringify(data)) as Record<string, string> };
  };
  const lines = (pem: string) => pem.trim().split('\n');

  it('gives the CA and the names', () => {
    const { ca, names } = frontProxyTrust(configMap());
    expect(names).toEqual(['front-proxy-client']);
    expect(lines(ca)).toEqual(lines(proxies.cert));
  });

  it('may hold several CAs, with text around them', () => {
    const { ca } = frontProxyTrust(
      configMap({ 'requestheader-client-ca-file': `old:\n${proxies.cert}\nnew:\n${users.cert}` }),
    );
    expect(lines(ca)).toEqual([...lines(proxies.cert), ...lines(users.cert)]);
  });

  it.each(['[]', '', undefined])('allows any name if the list of names is %s, as on AKS', (names) => {
    expect(frontProxyTrust(configMap({ 'requestheader-allowed-names': names })).names).toBe('any');
  });

  it('may hold no CA of users', () => {
    const changes = { 'requestheader-allowed-names': '[]', 'client-ca-file': undefined };
    expect(frontProxyTrust(configMap(changes)).names).toBe('any');
  });

  it('is refused if it has many headers, without filling the log with them', () => {
    const headers = JSON.stringify(Array.from({ length: 10_000 }, (_, index) => `X-Remote-${index}`));
    const message = (() => {
      try {
        frontProxyTrust(configMap({ 'requestheader-username-headers': headers }));
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message).toMatch(
      /^requestheader-username-headers is \["X-Remote-0",.*…; only \["X-Remote-User"\] is supported$/,
    );
    expect(message.length).toBeLessThan(400);
  });

  describe('is refused if every name is allowed', () => {
    const any = { 'requestheader-allowed-names': '[]' };

    it.each<[string, () => Promise<Record<string, string>>]>([
      [
        'and one CA issues certificates of users and of the front proxy',
        async () => ({ 'requestheader-client-ca-file': proxies.cert + users.cert }),
      ],
      [
        'and both CAs are different certificates of one key',
        async () => {
          const one = await users.intermediate();
          const renewed = await proxies.intermediate({ keys: one.keys });
          return { 'client-ca-file': one.cert, 'requestheader-client-ca-file': renewed.cert };
        },
      ],
      [
        'and the CA of the front proxy has issued the CA of users',
        async () => ({ 'client-ca-file': (await proxies.intermediate()).cert }),
      ],
    ])('%s', async (_, changes) => {
      const found = configMap({ ...any, ...(await changes()) });
      expect(() => frontProxyTrust(found)).toThrow('every user would pass for the API server');
    });

    it('and the CA of users cannot be read', () => {
      const found = configMap({ ...any, 'client-ca-file': 'canary' });
      expect(() => frontProxyTrust(found)).toThrow('client-ca-file holds no certificate');
    });
  });

  it('may have one CA for both if names are listed, as the API server itself allows', () => {
    expect(frontProxyTrust(configMap({ 'client-ca-file': proxies.cert })).names).toHaveLength(1);
  });

  it.each([
    [
      'no front proxy',
      { 'requestheader-client-ca-file': undefined },
      'requestheader-client-ca-file is missing',
    ],
    ['an empty CA', { 'requestheader-client-ca-file': '' }, 'holds no certificate'],
    [
      'a CA that is cut off',
      { 'requestheader-client-ca-file': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' },
      'requestheader-client-ca-file holds a certificate that cannot be read (number 1)',
    ],
    [
      'another header for users',
      { 'requestheader-username-headers': '["X-User"]' },
      'requestheader-username-headers is ["X-User"]; only ["X-Remote-User"] is supported',
    ],
    [
      'a second header for users',
      { 'requestheader-username-headers': '["X-Remote-User","X-User"]' },
      'only ["X-Remote-User"] is supported',
    ],
    ['another header for groups', { 'requestheader-group-headers': '["X-Group"]' }, 'X-Remote-Group'],
    [
      'no headers for more about users',
      { 'requestheader-extra-headers-prefix': undefined },
      'requestheader-extra-headers-prefix is []',
    ],
    ['names that are no JSON', { 'requestheader-allowed-names': 'front-proxy-client' }, 'is not a list'],
    ['names that are no list', { 'requestheader-allowed-names': '{"0":"a"}' }, 'is not a list'],
    ['a name that is empty', { 'requestheader-allowed-names': '[""]' }, 'is not a list'],
    ['a name that is a number', { 'requestheader-allowed-names': '[1]' }, 'is not a list'],
  ])('is refused if it says %s', (_, changes, problem) => {
    expect(() => frontProxyTrust(configMap(changes))).toThrow(problem);
  });

  it.each([undefined, null, 'x', {}, { data: null }, { data: { a: 1 } }])(
    'is refused if it is %j',
    (found) => {
      expect(() => frontProxyTrust(found)).toThrow('it holds no data');
    },
  );
});
