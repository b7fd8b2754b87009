import { base64, kubeconfig, to, type Case } from '../setup.ts';
import type { World } from '../world.ts';

const row = (
  where: string,
  user: unknown | ((world: World) => unknown),
  others: Partial<Pick<Case, 'names' | 'stricter'>> & {
    files?: (world: World) => Record<string, string>;
  } = {},
): Case => ({
  where,
  setup: (world) => ({
    files: {
      '.kube/config': kubeconfig({
        cluster: to(world, 'one'),
        user: typeof user === 'function' ? (user as (world: World) => unknown)(world) : user,
      }),
      ...others.files?.(world),
    },
  }),
  ...others,
});

/** The identity of the requests. */
export const IDENTITIES: readonly Case[] = [
  row('the user has a token', { token: 'a-token' }),
  row('the user has no credentials', {}, { names: 'user "u"' }),
  row('the user is null', null, { names: 'user "u"' }),
  row('a token ends with a line feed', { token: 'a-token\n' }, { names: 'token' }),
  row(
    'the user has a token file',
    { tokenFile: 'FOLDER/token' },
    { files: () => ({ token: ' of-a-file \n' }) },
  ),
  row(
    'the user has a token file and a token',
    { token: 'a-token', tokenFile: 'FOLDER/token' },
    {
      files: () => ({ token: 'of-a-file' }),
    },
  ),
  row('the user has a token, and a token file that is missing', {
    token: 'a-token',
    tokenFile: 'FOLDER/missing',
  }),
  row('the token file is missing', { tokenFile: 'FOLDER/missing' }, { names: 'tokenFile' }),
  row(
    'the token file is empty',
    { tokenFile: 'FOLDER/token' },
    { files: () => ({ token: '\n' }), names: 'tokenFile' },
  ),
  row('the token file is a folder', { tokenFile: 'FOLDER/.kube' }, { names: 'tokenFile' }),
  row('the user has a name and a password', { username: 'jane', password: 'pass:wörd' }),
  row('the user has only a name', { username: 'jane' }),
  row('the user has only a password', { password: 'p' }, { names: 'username' }),
  row(
    'the user has a token, a name and a password',
    { token: 't', username: 'jane', password: 'p' },
    { names: 'token' },
  ),
  row(
    'the user has a token file, a name and a password',
    { tokenFile: 'FOLDER/token', username: 'jane', password: 'p' },
    {
      files: () => ({ token: 't' }),
      names: 'tokenFile',
    },
  ),
  row('the user has a certificate', ({ client }: World) => ({
    'client-certificate-data': base64(client.cert),
    'client-key-data': base64(client.key),
  })),
  row('the user has a certificate and a token', ({ client }: World) => ({
    'client-certificate-data': base64(client.cert),
    'client-key-data': base64(client.key),
    token: 'a-token',
  })),
  row(
    'the certificate is a file, and the key is not',
    ({ client }: World) => ({ 'client-certificate': 'FOLDER/crt', 'client-key-data': base64(client.key) }),
    { files: ({ client }) => ({ crt: client.cert }) },
  ),
  row(
    'the certificate is given twice',
    ({ client }: World) => ({
      'client-certificate': 'FOLDER/crt',
      'client-certificate-data': base64(client.cert),
      'client-key-data': base64(client.key),
    }),
    { files: ({ client }) => ({ crt: client.cert }), names: 'client-certificate' },
  ),
  row(
    'the key is given twice',
    ({ client }: World) => ({
      'client-certificate-data': base64(client.cert),
      'client-key': 'FOLDER/key',
      'client-key-data': base64(client.key),
    }),
    { files: ({ client }) => ({ key: client.key }), names: 'client-key' },
  ),
  row(
    'the certificate has no key',
    ({ client }: World) => ({ 'client-certificate-data': base64(client.cert) }),
    {
      names: 'client-key',
    },
  ),
  row('the user has a token, and a key without a certificate', ({ client }: World) => ({
    'client-key-data': base64(client.key),
    token: 't',
  })),
  row(
    'the certificate file is missing',
    { 'client-certificate': 'FOLDER/missing', 'client-key': 'FOLDER/missing' },
    { names: 'client-certificate' },
  ),
  row(
    'the key belongs to another certificate',
    ({ client, otherClient }: World) => ({
      'client-certificate-data': base64(client.cert),
      'client-key-data': base64(otherClient.key),
    }),
    { names: 'client-key' },
  ),
  row(
    'the key is encrypted',
    ({ client, encryptedKey }: World) => ({
      'client-certificate-data': base64(client.cert),
      'client-key-data': base64(encryptedKey),
    }),
    { names: 'client-key' },
  ),
  row(
    'the certificate is invalid',
    ({ client }: World) => ({
      'client-certificate-data': base64('junk'),
      'client-key-data': base64(client.key),
    }),
    { names: 'client-certificate' },
  ),
  row(
    'the key is invalid',
    ({ client }: World) => ({
      'client-certificate-data': base64(client.cert),
      'client-key-data': base64('junk'),
    }),
    { names: 'client-key' },
  ),
  row('the user acts as another user', { token: 't', as: 'jane' }),
  row('the user acts as another user, with groups, a UID and extra values', {
    token: 't',
    as: 'jörg',
    'as-uid': '0815',
    'as-groups': ['system:masters', 'blue team'],
    'as-user-extra': { 'example.com/role': ['a', 'b'], 'a%b ü': ['c'] },
  }),
  row(
    'groups are given without a user to act as',
    { token: 't', 'as-groups': ['a'] },
    { names: 'as-groups' },
  ),
  row('a UID is given without a user to act as', { token: 't', 'as-uid': 'a' }, { names: 'as-uid' }),
  row(
    'extra values are given without a user to act as',
    { token: 't', 'as-user-extra': { a: ['b'] } },
    {
      names: 'as-user-extra',
    },
  ),
  row('the user acts as another user, and has no credentials', { as: 'jane' }, { names: 'user "u"' }),
  row(
    'the auth-provider is one that kubectl has removed',
    { 'auth-provider': { name: 'gcp', config: {} } },
    {
      names: 'auth-provider',
    },
  ),
  row('the auth-provider is unknown', { 'auth-provider': { name: 'mine' } }, { names: 'auth-provider' }),
  row(
    'the auth-provider is oidc',
    {
      'auth-provider': {
        name: 'oidc',
        config: { 'idp-issuer-url': 'https://idp.example', 'client-id': 'c', 'id-token': 'i' },
      },
    },
    { names: 'auth-provider' },
  ),
  row(
    'the user has a token and an auth-provider',
    { token: 't', 'auth-provider': { name: 'gcp' } },
    {
      names: 'auth-provider',
    },
  ),
];
