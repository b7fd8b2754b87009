import { base64, kubeconfig, to, type Case } from '../setup.ts';
import type { World } from '../world.ts';

interface Server {
  readonly cluster: (world: World) => object;
  readonly user?: object;
  readonly files?: (world: World) => Record<string, string>;
  readonly env?: (world: World) => Record<string, string>;
}

const row = (where: string, server: Server, others: Pick<Case, 'names' | 'stricter'> = {}): Case => ({
  where,
  setup: (world) => ({
    files: {
      '.kube/config': kubeconfig({ cluster: server.cluster(world), user: server.user ?? { token: 't' } }),
      ...server.files?.(world),
    },
    ...(server.env && { env: server.env(world) }),
  }),
  ...others,
});

/** Servers, and how they are verified. */
export const SERVERS: readonly Case[] = [
  row('the server speaks plain HTTP, as kubectl proxy does: no credentials are sent', {
    cluster: ({ apiServers }) => ({ server: `http://127.0.0.1:${apiServers.ports.plain}` }),
  }),
  row('the server speaks plain HTTP, and a plugin is not run', {
    cluster: ({ apiServers }) => ({ server: `http://127.0.0.1:${apiServers.ports.plain}/` }),
    user: {
      exec: { apiVersion: 'client.authentication.k8s.io/v1', command: '/nowhere', interactiveMode: 'Never' },
    },
  }),
  row('the server speaks plain HTTP, and the user acts as another user', {
    cluster: ({ apiServers }) => ({ server: `http://127.0.0.1:${apiServers.ports.plain}` }),
    user: { as: 'jane' },
  }),
  row('the server has a path and a query', {
    cluster: (w) =>
      to(w, 'one', { server: `https://127.0.0.1:${w.apiServers.ports.one}/k8s/clusters/c-1/?a=b#c` }),
  }),
  row(
    'the server has no scheme',
    {
      cluster: (w) => to(w, 'one', { server: `127.0.0.1:${w.apiServers.ports.plain}` }),
    },
    { names: 'server', stricter: 'kubectl then speaks plain HTTP; ours says that the scheme is missing' },
  ),
  row('the server is not a URL', { cluster: () => ({ server: 'https://[' }) }, { names: 'server' }),
  row(
    'the server has another scheme',
    { cluster: () => ({ server: 'ftp://127.0.0.1' }) },
    { names: 'server' },
  ),
  row(
    'the server has a name and a password in its URL',
    {
      cluster: (w) => to(w, 'one', { server: `https://jane:p@127.0.0.1:${w.apiServers.ports.one}` }),
    },
    { names: 'server', stricter: 'kubectl sends them instead of those of the user' },
  ),
  row(
    'the server speaks plain HTTP, and its URL says https',
    {
      cluster: (w) => to(w, 'one', { server: `https://127.0.0.1:${w.apiServers.ports.plain}` }),
    },
    { names: 'server' },
  ),
  row(
    'there is no server',
    { cluster: (w) => ({ 'certificate-authority-data': base64(w.ca) }) },
    { names: 'server' },
  ),
  row('the cluster is empty', { cluster: () => ({}) }, { names: 'server' }),
  row(
    'the server does not listen',
    { cluster: (w) => to(w, 'one', { server: 'https://127.0.0.1:1' }) },
    {
      names: 'ECONNREFUSED',
    },
  ),

  row('the CA is a file', {
    cluster: (w) =>
      to(w, 'one', { 'certificate-authority-data': undefined, 'certificate-authority': 'FOLDER/ca.pem' }),
    files: ({ ca }) => ({ 'ca.pem': ca }),
  }),
  row(
    'the CA is given twice',
    {
      cluster: (w) => to(w, 'one', { 'certificate-authority': 'FOLDER/ca.pem' }),
      files: ({ ca }) => ({ 'ca.pem': ca }),
    },
    { names: 'certificate-authority' },
  ),
  row(
    'the CA file is missing',
    {
      cluster: (w) =>
        to(w, 'one', { 'certificate-authority-data': undefined, 'certificate-authority': 'FOLDER/missing' }),
    },
    { names: 'certificate-authority' },
  ),
  row(
    'the CA file is a folder',
    {
      cluster: (w) =>
        to(w, 'one', { 'certificate-authority-data': undefined, 'certificate-authority': 'FOLDER/.kube' }),
    },
    { names: 'certificate-authority' },
  ),
  row(
    'the CA file is empty',
    {
      cluster: (w) =>
        to(w, 'one', { 'certificate-authority-data': undefined, 'certificate-authority': 'FOLDER/ca.pem' }),
      files: () => ({ 'ca.pem': '' }),
    },
    { names: 'certificate-authority' },
  ),
  row(
    'the CA contains no certificate',
    {
      cluster: (w) => to(w, 'one', { 'certificate-authority-data': base64('junk') }),
    },
    { names: 'certificate-authority-data' },
  ),
  row('the CA contains an invalid certificate, a valid one, and a comment', {
    cluster: (w) =>
      to(w, 'one', {
        'certificate-authority-data': base64(
          `# ours\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n${w.ca}\n`,
        ),
      }),
  }),
  row(
    'the CA contains only an invalid certificate',
    {
      cluster: (w) =>
        to(w, 'one', {
          'certificate-authority-data': base64(
            '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n',
          ),
        }),
    },
    { names: 'certificate-authority-data' },
  ),
  row(
    'the CA is another one',
    { cluster: (w) => to(w, 'one', { 'certificate-authority-data': base64(w.otherCa) }) },
    {
      names: 'certificate-authority',
    },
  ),
  row(
    'there is no CA',
    { cluster: (w) => to(w, 'one', { 'certificate-authority-data': undefined }) },
    {
      names: 'certificate-authority',
    },
  ),
  row('the server is not verified', {
    cluster: (w) =>
      to(w, 'one', { 'certificate-authority-data': undefined, 'insecure-skip-tls-verify': true }),
  }),
  row(
    'the server is not verified, though there is a CA',
    {
      cluster: (w) => to(w, 'one', { 'insecure-skip-tls-verify': true }),
    },
    { names: 'insecure-skip-tls-verify' },
  ),
  row(
    'the certificate is for another name',
    {
      cluster: (w) => to(w, 'stranger'),
    },
    { names: 'stranger.example' },
  ),
  row('the certificate has the tls-server-name', {
    cluster: (w) =>
      to(w, 'one', {
        server: `https://127.0.0.1:${w.apiServers.ports.one}`,
        'tls-server-name': 'one.example',
      }),
  }),
  row(
    'the certificate does not have the tls-server-name',
    {
      cluster: (w) => to(w, 'one', { 'tls-server-name': 'other.example' }),
    },
    { names: 'tls-server-name' },
  ),
  row('the tls-server-name is an address', {
    cluster: (w) => to(w, 'one', { 'tls-server-name': '192.0.2.10' }),
  }),
  row(
    'the tls-server-name is an address that the certificate does not have',
    {
      cluster: (w) => to(w, 'one', { 'tls-server-name': '192.0.2.1' }),
    },
    { names: 'tls-server-name' },
  ),
];

const behind = (w: World, proxy: string, host = 'one.example', changes: object = {}) =>
  to(w, 'one', { server: `https://${host}:${w.apiServers.ports.one}`, 'proxy-url': proxy, ...changes });

const beyond = (w: World, host = 'one.example') => behind(w, '', host, { 'proxy-url': undefined });

const http = (w: World, credentials = '') => `http://${credentials}127.0.0.1:${w.proxies.ports.http}`;

/** Proxies. */
export const PROXIES: readonly Case[] = [
  row('a proxy-url is given', { cluster: (w) => behind(w, http(w)) }),
  row('a proxy-url has a name and a password', { cluster: (w) => behind(w, http(w, 'jane:p%40ss@')) }),
  row('a proxy-url speaks TLS', { cluster: (w) => behind(w, `https://127.0.0.1:${w.proxies.ports.https}`) }),
  row(
    'a proxy-url speaks TLS, with a certificate of another CA',
    {
      cluster: (w) =>
        behind(w, `https://127.0.0.1:${w.proxies.ports.https}`, 'one.example', {
          'certificate-authority-data': base64(w.otherCa),
        }),
    },
    { names: 'proxy' },
  ),
  row('a proxy-url speaks SOCKS', {
    cluster: (w) => behind(w, `socks5://127.0.0.1:${w.proxies.ports.socks5}`),
  }),
  row('a proxy-url speaks SOCKS, with a name and a password, to an address', {
    cluster: (w) => behind(w, `socks5://jane:p%40ss@127.0.0.1:${w.proxies.ports.socks5}`, '192.0.2.10'),
  }),
  row(
    'a proxy-url has no scheme',
    { cluster: (w) => behind(w, `127.0.0.1:${w.proxies.ports.http}`) },
    {
      names: 'proxy-url',
    },
  ),
  row(
    'a proxy-url has another scheme',
    { cluster: (w) => behind(w, 'socks4://127.0.0.1:1') },
    { names: 'proxy-url' },
  ),
  row('a proxy-url is not a URL', { cluster: (w) => behind(w, 'http://[') }, { names: 'proxy-url' }),
  row('the server is an address behind a proxy', { cluster: (w) => behind(w, http(w), '192.0.2.10') }),
  row(
    'the server is an address behind a proxy, and its certificate is for localhost and other names',
    {
      cluster: (w) => behind(w, http(w), '192.0.2.1'),
    },
    { names: '192.0.2.1' },
  ),
  row(
    'the server behind a proxy has a name that its certificate does not have',
    {
      cluster: (w) => behind(w, http(w), 'other.example'),
    },
    { names: 'other.example' },
  ),
  row('the server behind a proxy has the tls-server-name', {
    cluster: (w) => behind(w, http(w), 'other.example', { 'tls-server-name': 'two.example' }),
  }),
  row('the server behind a proxy speaks plain HTTP', {
    cluster: (w) => ({
      server: `http://one.example:${w.apiServers.ports.plain}`,
      'proxy-url': http(w, 'jane:p@'),
    }),
  }),
  row(
    'the proxy requires a password',
    {
      cluster: (w) => behind(w, `http://127.0.0.1:${w.proxies.ports.wantsPassword}`),
    },
    { names: '407' },
  ),
  row(
    'the proxy requires a password, and the server speaks plain HTTP',
    {
      cluster: (w) => ({
        server: `http://one.example:${w.apiServers.ports.plain}`,
        'proxy-url': `http://127.0.0.1:${w.proxies.ports.wantsPassword}`,
      }),
    },
    { names: '407' },
  ),
  row(
    'the proxy answers 502',
    { cluster: (w) => behind(w, `http://127.0.0.1:${w.proxies.ports.broken}`) },
    {
      names: '502',
    },
  ),
  row('the proxy does not exist', { cluster: (w) => behind(w, 'http://127.0.0.1:1') }, { names: 'proxy' }),
  row('HTTPS_PROXY is set', { cluster: (w) => beyond(w), env: (w) => ({ HTTPS_PROXY: http(w) }) }),
  row('https_proxy is set', { cluster: (w) => beyond(w), env: (w) => ({ https_proxy: http(w) }) }),
  row('HTTPS_PROXY and https_proxy are set', {
    cluster: (w) => beyond(w),
    env: (w) => ({ HTTPS_PROXY: http(w), https_proxy: 'http://127.0.0.1:1' }),
  }),
  row('HTTPS_PROXY has no scheme', {
    cluster: (w) => beyond(w),
    env: (w) => ({ HTTPS_PROXY: `127.0.0.1:${w.proxies.ports.http}` }),
  }),
  row('HTTPS_PROXY speaks SOCKS', {
    cluster: (w) => beyond(w),
    env: (w) => ({ HTTPS_PROXY: `socks5://127.0.0.1:${w.proxies.ports.socks5}` }),
  }),
  row('HTTPS_PROXY is set, and a proxy-url is given', {
    cluster: (w) => behind(w, http(w)),
    env: () => ({ HTTPS_PROXY: 'http://127.0.0.1:1' }),
  }),
  row('HTTPS_PROXY is set, and the server is on this machine', {
    cluster: (w) => to(w, 'one'),
    env: () => ({ HTTPS_PROXY: 'http://127.0.0.1:1' }),
  }),
  row('HTTPS_PROXY is set, and the server is localhost', {
    cluster: (w) => beyond(w, 'localhost'),
    env: () => ({ HTTPS_PROXY: 'http://127.0.0.1:1' }),
  }),
  row('a proxy-url is given, and NO_PROXY contains the server', {
    cluster: (w) => behind(w, http(w)),
    env: () => ({ NO_PROXY: '*' }),
  }),
  row('only HTTP_PROXY is set', {
    cluster: (w) => to(w, 'one'),
    env: () => ({ HTTP_PROXY: 'http://127.0.0.1:1' }),
  }),
  row('HTTP_PROXY is set, and the server speaks plain HTTP', {
    cluster: (w) => ({ server: `http://one.example:${w.apiServers.ports.plain}` }),
    env: (w) => ({ HTTP_PROXY: http(w) }),
  }),
  row('ALL_PROXY is set, which kubectl ignores', {
    cluster: (w) => to(w, 'one'),
    env: () => ({ ALL_PROXY: 'http://127.0.0.1:1' }),
  }),
  row('NO_PROXY contains other names and addresses', {
    cluster: (w) => beyond(w),
    env: (w) => ({
      HTTPS_PROXY: http(w),
      NO_PROXY: 'one.example:1,e.example,.one.example,127.0.0.1,10.0.0.0/8',
    }),
  }),
  row('no_proxy contains other addresses', {
    cluster: (w) => beyond(w, '192.0.2.10'),
    env: (w) => ({ HTTPS_PROXY: http(w), no_proxy: '198.51.100.0/24,192.0.2.1,192.0.2.10:1' }),
  }),
];
