import { base64, kubeconfig, to, type Case } from '../setup.ts';

const TOKEN = { token: 'of-the-file' };

/** Which files are read, and how several are merged. */
export const FILES: readonly Case[] = [
  {
    where: 'there is ~/.kube/config',
    setup: (w) => ({ files: { '.kube/config': kubeconfig({ cluster: to(w, 'one'), user: TOKEN }) } }),
  },
  {
    where: 'KUBECONFIG names a file, though there is ~/.kube/config',
    setup: (w) => ({
      files: {
        '.kube/config': kubeconfig({ cluster: to(w, 'one'), user: TOKEN }),
        other: kubeconfig({ cluster: to(w, 'two'), user: TOKEN }),
      },
      env: { KUBECONFIG: 'FOLDER/other' },
    }),
  },
  {
    where: '--kubeconfig names a file, though KUBECONFIG names another',
    setup: (w) => ({
      files: {
        a: kubeconfig({ cluster: to(w, 'one'), user: TOKEN }),
        b: kubeconfig({ cluster: to(w, 'two'), user: TOKEN }),
      },
      env: { KUBECONFIG: 'FOLDER/a' },
      kubeconfig: 'FOLDER/b',
    }),
  },
  {
    where: '--kubeconfig is empty',
    setup: (w) => ({
      files: { a: kubeconfig({ cluster: to(w, 'one'), user: TOKEN }) },
      env: { KUBECONFIG: 'FOLDER/a' },
      kubeconfig: '',
    }),
  },
  {
    where: '--kubeconfig names two files, as KUBECONFIG can',
    setup: (w) => ({
      files: {
        a: kubeconfig({ cluster: to(w, 'one'), user: TOKEN }),
        b: kubeconfig({ cluster: to(w, 'two'), user: TOKEN }),
      },
      kubeconfig: 'FOLDER/a:FOLDER/b',
    }),
    names: 'a:',
  },
  {
    where: '--kubeconfig names a file that is missing',
    setup: (w) => ({
      files: { '.kube/config': kubeconfig({ cluster: to(w, 'one'), user: TOKEN }) },
      kubeconfig: 'FOLDER/missing',
    }),
    names: '/missing cannot be read (ENOENT)',
  },
  {
    where:
      'KUBECONFIG names two files, each with a current-context: the first says staging, the second production',
    setup: (w) => ({
      files: {
        staging: named('staging', to(w, 'one')),
        production: named('production', to(w, 'two')),
      },
      env: { KUBECONFIG: 'FOLDER/staging:FOLDER/production' },
    }),
  },
  {
    where: 'the first of two files has no current-context',
    setup: (w) => ({
      files: {
        staging: { ...named('staging', to(w, 'one')), 'current-context': '' },
        production: named('production', to(w, 'two')),
      },
      env: { KUBECONFIG: 'FOLDER/staging:FOLDER/production' },
    }),
  },
  {
    where: 'two files have entries with the same name: the entry of the first file counts',
    setup: (w) => ({
      files: {
        a: kubeconfig({ cluster: to(w, 'one', { 'tls-server-name': undefined }), user: { token: 'of-a' } }),
        b: kubeconfig({
          cluster: to(w, 'two', { 'tls-server-name': 'nobody.example' }),
          user: { token: 'of-b', as: 'somebody' },
          namespace: 'of-b',
        }),
      },
      env: { KUBECONFIG: 'FOLDER/a:FOLDER/b' },
    }),
  },
  {
    where: 'context, cluster and user are in three files',
    setup: (w) => ({
      files: {
        a: kubeconfig({ clusters: null, users: null, namespace: 'blue' }),
        b: kubeconfig({ cluster: to(w, 'two'), users: null, contexts: null, 'current-context': null }),
        c: kubeconfig({ user: TOKEN, clusters: [], contexts: [], 'current-context': undefined }),
      },
      env: { KUBECONFIG: 'FOLDER/a:FOLDER/b:FOLDER/c' },
    }),
  },
  {
    where: 'the second file is missing',
    setup: (w) => ({
      files: { a: kubeconfig({ cluster: to(w, 'one'), user: TOKEN }) },
      env: { KUBECONFIG: 'FOLDER/a:FOLDER/missing' },
    }),
  },
  {
    where: 'the first file is missing, one is named twice, and some have no name',
    setup: (w) => ({
      files: { a: kubeconfig({ cluster: to(w, 'one'), user: TOKEN }) },
      env: { KUBECONFIG: ':FOLDER/missing::FOLDER/a:FOLDER/a:' },
    }),
  },
  {
    where: 'the second file is malformed',
    setup: (w) => ({
      files: { a: kubeconfig({ cluster: to(w, 'one'), user: TOKEN }), b: 'clusters: [' },
      env: { KUBECONFIG: 'FOLDER/a:FOLDER/b' },
    }),
    names: '/b ',
  },
  {
    where: 'the second file is empty',
    setup: (w) => ({
      files: { a: kubeconfig({ cluster: to(w, 'one'), user: TOKEN }), b: '' },
      env: { KUBECONFIG: 'FOLDER/a:FOLDER/b' },
    }),
  },
  {
    where: 'the file is a folder',
    setup: () => ({ files: { 'a/b': '' }, env: { KUBECONFIG: 'FOLDER/a' } }),
    names: '/a ',
  },
  {
    where: 'no file exists',
    setup: () => ({ env: { KUBECONFIG: 'FOLDER/missing' } }),
    names: '/missing',
  },
  {
    where: 'the file is empty',
    setup: () => ({ files: { '.kube/config': '' } }),
    names: '.kube/config',
  },
  {
    where: 'the file contains only a comment',
    setup: () => ({ files: { '.kube/config': '# nothing\n' } }),
    names: '.kube/config',
  },
  {
    where: 'the file has neither clusters, users nor contexts',
    setup: () => ({
      files: { '.kube/config': { apiVersion: 'v1', kind: 'Config', clusters: [], users: null } },
    }),
    names: '.kube/config',
  },
  {
    where: 'paths are relative to the file that contains them',
    setup: (w) => ({
      files: {
        'a/config': kubeconfig({
          cluster: to(w, 'one', {
            'certificate-authority-data': undefined,
            'certificate-authority': 'tls/ca.pem',
          }),
          users: [],
        }),
        'a/tls/ca.pem': w.ca,
        'b/config': kubeconfig({
          user: {
            'client-certificate': '../keys/tls.crt',
            'client-key': './../keys/tls.key',
            tokenFile: 'token',
          },
          clusters: [],
          contexts: [],
        }),
        'b/token': 'of-a-file\n',
        'keys/tls.crt': w.client.cert,
        'keys/tls.key': w.client.key,
      },
      env: { KUBECONFIG: 'FOLDER/a/config:FOLDER/b/config' },
    }),
  },
];

/** The content of a file. */
export const FORM: readonly Case[] = [
  {
    where: 'the file is YAML as kubectl writes it',
    setup: (w) => ({ files: { '.kube/config': yaml(w.apiServers.ports.one, base64(w.ca)) } }),
  },
  {
    where: 'it is YAML with anchors and merge keys',
    setup: (w) => ({
      files: {
        '.kube/config': yaml(w.apiServers.ports.one, base64(w.ca))
          .replace('user:\n    token', 'user: &u\n    token')
          .concat('- name: v\n  user:\n    <<: *u\n    as: jane\n'),
      },
      context: 'v',
    }),
  },
  {
    where: 'it is JSON that is indented by tabs',
    setup: (w) => ({
      files: {
        '.kube/config': JSON.stringify(kubeconfig({ cluster: to(w, 'one'), user: TOKEN }), null, '\t'),
      },
    }),
  },
  {
    where: 'it begins with a byte order mark',
    setup: (w) => ({
      files: { '.kube/config': `\uFEFF${yaml(w.apiServers.ports.one, base64(w.ca))}` },
    }),
  },
  {
    where: 'a key occurs twice in an entry',
    setup: (w) => ({
      files: {
        '.kube/config': yaml(w.apiServers.ports.one, base64(w.ca)).replace(
          'token: t',
          'token: s\n    token: t',
        ),
      },
    }),
    names: '.kube/config',
    stricter: 'kubectl silently uses the last one, which may not be the intended one',
  },
  {
    where: 'it contains two documents',
    setup: (w) => ({
      files: { '.kube/config': `${yaml(w.apiServers.ports.one, base64(w.ca))}---\nkind: Config\n` },
    }),
    names: '.kube/config',
    stricter: 'kubectl silently ignores all but the first',
  },
  {
    where: 'it is not valid YAML',
    setup: () => ({ files: { '.kube/config': 'kind: Config\n  clusters: ]\n' } }),
    names: '.kube/config',
  },
  {
    where: 'it is a string',
    setup: () => ({ files: { '.kube/config': 'hello' } }),
    names: '.kube/config',
  },
  {
    where: 'it is a list',
    setup: () => ({ files: { '.kube/config': [] } }),
    names: '.kube/config',
  },
  {
    where: 'it has another kind',
    setup: (w) => ({
      files: { '.kube/config': { ...kubeconfig({ cluster: to(w, 'one'), user: TOKEN }), kind: 'Pod' } },
    }),
    names: 'kind',
  },
  {
    where: 'it has another version',
    setup: (w) => ({
      files: { '.kube/config': { ...kubeconfig({ cluster: to(w, 'one'), user: TOKEN }), apiVersion: 'v2' } },
    }),
    names: 'apiVersion',
  },
  {
    where: 'it has neither kind nor version',
    setup: (w) => ({
      files: {
        '.kube/config': kubeconfig({
          cluster: to(w, 'one'),
          user: TOKEN,
          kind: undefined,
          apiVersion: undefined,
        }),
      },
    }),
  },
  {
    where: 'it has unknown fields, and fields in other letter case',
    setup: (w) => ({
      files: {
        '.kube/config': kubeconfig({
          cluster: to(w, 'one', { Server: 'https://other.example', colour: 'blue' }),
          user: { ...TOKEN, Token: 'other', 'token-file': '/nowhere' },
          preferences: { colors: true },
        }),
      },
    }),
  },
  ...[
    ['a name is a number', { users: [{ name: 7, user: {} }] }, 'users[0].name'],
    ['a token is a number', { user: { token: 12_345 } }, 'users[0].user.token'],
    ['users are not a list', { users: {} }, 'users'],
    ['a cluster is a string', { cluster: 'k' }, 'clusters[0].cluster'],
    ['data is not base64', { user: { 'client-key-data': 'a secret!' } }, 'users[0].user.client-key-data'],
    ['groups are a string', { user: { token: 't', as: 'a', 'as-groups': 'b' } }, 'users[0].user.as-groups'],
    [
      'extra values are not lists',
      { user: { token: 't', as: 'a', 'as-user-extra': { b: 'c' } } },
      'as-user-extra.b',
    ],
    [
      'a boolean is a string',
      { cluster: { server: 'https://k', 'insecure-skip-tls-verify': 'yes' } },
      'clusters[0]',
    ],
  ].map(([where, parts, names]) => ({
    where: `${where as string}, in an entry that is not used`,
    setup: (w: Parameters<Case['setup']>[0]) => ({
      files: {
        good: kubeconfig({ cluster: to(w, 'one'), user: TOKEN }),
        other: { ...kubeconfig(parts as Parameters<typeof kubeconfig>[0]), 'current-context': '' },
      },
      env: { KUBECONFIG: 'FOLDER/good:FOLDER/other' },
    }),
    names: names as string,
  })),
  {
    where: 'a name occurs twice in a file',
    setup: (w) => ({
      files: {
        '.kube/config': kubeconfig({
          clusters: [
            { name: 'k', cluster: to(w, 'one') },
            { name: 'k', cluster: to(w, 'two') },
          ],
          user: TOKEN,
        }),
      },
    }),
    names: 'clusters',
  },
];

/** The context, and the entries that it names. */
export const CONTEXTS: readonly Case[] = [
  {
    where: '--context names a context',
    setup: (w) => ({ files: { '.kube/config': two(to(w, 'one'), to(w, 'two')) }, context: 'd' }),
  },
  {
    where: '--context is empty',
    setup: (w) => ({ files: { '.kube/config': two(to(w, 'one'), to(w, 'two')) }, context: '' }),
  },
  {
    where: '--context names a context that does not exist',
    setup: (w) => ({ files: { '.kube/config': two(to(w, 'one'), to(w, 'two')) }, context: 'e' }),
    names: 'context "e"',
  },
  {
    where: '--context names a context, and there is no file',
    setup: () => ({ context: 'e' }),
    names: 'context "e"',
  },
  {
    where: 'current-context names a context that does not exist',
    setup: (w) => ({
      files: { '.kube/config': kubeconfig({ cluster: to(w, 'one'), user: TOKEN, 'current-context': 'e' }) },
    }),
    names: 'current-context',
  },
  {
    where: 'there is no current-context',
    setup: (w) => ({
      files: { '.kube/config': kubeconfig({ cluster: to(w, 'one'), user: TOKEN, 'current-context': '' }) },
    }),
    names: 'current-context',
  },
  {
    where: 'the context names a cluster that does not exist',
    setup: () => ({ files: { '.kube/config': kubeconfig({ clusters: [], user: TOKEN }) } }),
    names: 'cluster "k"',
  },
  {
    where: 'the context names a user that does not exist',
    setup: (w) => ({ files: { '.kube/config': kubeconfig({ cluster: to(w, 'one'), users: [] }) } }),
    names: 'user "u"',
  },
  {
    where: 'the context names no user',
    setup: (w) => ({
      files: {
        '.kube/config': kubeconfig({
          cluster: to(w, 'one'),
          contexts: [{ name: 'c', context: { cluster: 'k' } }],
        }),
      },
    }),
    names: 'user',
  },
  {
    where: 'a namespace is given',
    setup: (w) => ({
      files: { '.kube/config': kubeconfig({ cluster: to(w, 'one'), user: TOKEN, namespace: 'blue' }) },
    }),
  },
  {
    where: 'a namespace is a number',
    setup: (w) => ({
      files: { '.kube/config': kubeconfig({ cluster: to(w, 'one'), user: TOKEN, namespace: 7 }) },
    }),
    names: 'contexts[0].context.namespace',
  },
];

function named(name: string, cluster: object): object {
  return kubeconfig({
    'current-context': name,
    contexts: [{ name, context: { cluster: name, user: name, namespace: name } }],
    clusters: [{ name, cluster }],
    users: [{ name, user: { token: `of-${name}` } }],
  });
}

function two(one: object, other: object): object {
  return kubeconfig({
    contexts: ['c', 'd'].map((name) => ({ name, context: { cluster: name, user: 'u', namespace: name } })),
    clusters: [
      { name: 'c', cluster: one },
      { name: 'd', cluster: other },
    ],
    user: TOKEN,
  });
}

function yaml(port: number, ca: string): string {
  return `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${ca}
    server: https://127.0.0.1:${port}
  name: k
contexts:
- context:
    cluster: k
    user: u
  name: c
- context:
    cluster: k
    user: v
  name: v
current-context: c
kind: Config
preferences: {}
users:
- name: u
  user:
    token: t
`;
}
