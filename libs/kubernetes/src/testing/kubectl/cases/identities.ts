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

/** As whom requests are made. */
export const IDENTITIES: readonly Case[] = [
  row('the user has a token', { token: 'a-token' }),
  row('the user has nothing', {}, { names: 'user "u"' }),
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
  row('the user has a name alone', { username: 'jane' }),
  row('the user has a password alone', { password: 'p' }, { names: 'username' }),
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
  row('a key has no certificate, beside a token', ({ client }: World) => ({
    'client-key-data': base64(client.key),
    token: 't',
  })),
  row(
    'the certificate file is missing',
    { 'client-certificate': 'FOLDER/missing', 'client-key': 'FOLDER/missing' },
    { names: 'client-certificate' },
  ),
  row(
    'the key is of another certificate',
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
    'the certificate is none',
    ({ client }: World) => ({
      'client-certificate-data': base64('junk'),
      'client-key-data': base64(client.key),
    }),
    { names: 'client-certificate' },
  ),
  row(
    'the key is none',
    ({ client }: World) => ({
      'client-certificate-data': base64(client.cert),
      'client-key-data': base64('junk'),
    }),
    { names: 'client-key' },
  ),
  row('the user acts as another one', { token: 't', as: 'jane' }),
  row('the user acts as another one, with groups, a UID and more', {
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
  row('somebody acts as another one without being somebody', { as: 'jane' }, { names: 'user "u"' }),
  row(
    'an auth-provider is named that kubectl has dropped',
    { 'auth-provider': { name: 'gcp', config: {} } },
    {
      names: 'auth-provider',
    },
  ),
  row(
    'an auth-provider is named that nobody knows',
    { 'auth-provider': { name: 'mine' } },
    { names: 'auth-provider' },
  ),
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
    'there is a token beside an auth-provider',
    { token: 't', 'auth-provider': { name: 'gcp' } },
    {
      names: 'auth-provider',
    },
  ),
];
