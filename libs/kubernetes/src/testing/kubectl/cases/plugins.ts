import { base64, kubeconfig, to, type Case } from '../setup.ts';
import type { World } from '../world.ts';

const V1 = 'client.authentication.k8s.io/v1';
const V1BETA1 = 'client.authentication.k8s.io/v1beta1';

interface Plugin {
  readonly exec?: object;
  readonly user?: object;
  /** The end of its shell script, which prints the credential. */
  readonly prints?: string | ((world: World) => string);
  readonly cluster?: object;
  readonly throughProxy?: boolean;
  readonly env?: Record<string, string>;
}

const row = (where: string, plugin: Plugin = {}, others: Pick<Case, 'names' | 'stricter'> = {}): Case => ({
  where,
  setup: (world) => {
    const { exec, user, prints = credential({ token: 'of-the-plugin' }), env } = plugin;
    const cluster = {
      ...(plugin.throughProxy && { 'proxy-url': `http://127.0.0.1:${world.proxies.ports.http}/` }),
      ...plugin.cluster,
    };
    return {
      files: {
        '.kube/config': kubeconfig({
          cluster: to(world, 'one', cluster),
          user: {
            exec: { apiVersion: V1, command: './plugin.sh', interactiveMode: 'Never', ...exec },
            ...user,
          },
        }),
        '.kube/plugin.sh': `#!/bin/sh\n${typeof prints === 'function' ? prints(world) : prints}\n`,
      },
      ...(env && { env }),
    };
  },
  ...others,
});

/** Plugins: programs that print credentials. */
export const PLUGINS: readonly Case[] = [
  row('a plugin gives a token; its command is relative to the kubeconfig'),
  row('a plugin gives a certificate', {
    prints: ({ client }) => credential({ clientCertificateData: client.cert, clientKeyData: client.key }),
  }),
  row('a plugin gives a token and a certificate', {
    prints: ({ client }) =>
      credential({ token: 'of-the-plugin', clientCertificateData: client.cert, clientKeyData: client.key }),
  }),
  row('a plugin of version v1beta1 has no interactiveMode', {
    exec: { apiVersion: V1BETA1, interactiveMode: undefined },
    prints: credential({ token: 'of-the-plugin' }, V1BETA1),
  }),
  row('a plugin is searched on the PATH', {
    exec: { command: 'sh', args: ['-c', credential({ token: 'of-sh' })] },
  }),
  row('a plugin is searched on the PATH of kubectl, not on its own PATH', {
    exec: {
      command: 'sh',
      args: ['-c', credential({ token: 'of-sh' })],
      env: [{ name: 'PATH', value: '/nowhere' }],
    },
  }),
  row('a plugin gets arguments and variables, which replace existing variables', {
    exec: {
      args: ['one', 'two words'],
      env: [
        { name: 'FROM_CONFIG', value: 'a' },
        { name: 'BOTH', value: 'of the kubeconfig' },
        { name: 'TWICE', value: '1' },
        { name: 'TWICE', value: '2' },
      ],
    },
    env: { BOTH: 'of the environment', FROM_ENVIRONMENT: 'b' },
    prints: `token=$(printf '%s' "$#,$2,$FROM_CONFIG,$BOTH,$TWICE,$FROM_ENVIRONMENT" | base64 -w0)\n${echoed('$token')}`,
  }),
  row('a plugin gets KUBERNETES_EXEC_INFO', { prints: tellingInfo() }),
  row('a plugin of version v1beta1 gets KUBERNETES_EXEC_INFO', {
    exec: { apiVersion: V1BETA1 },
    prints: tellingInfo(V1BETA1),
  }),
  row('a plugin gets the cluster', {
    exec: { provideClusterInfo: true },
    cluster: {
      'disable-compression': true,
      extensions: [
        { name: 'other', extension: { a: 1 } },
        {
          name: 'client.authentication.k8s.io/exec',
          extension: { audience: '06e3fbd18de8', list: [1, null] },
        },
      ],
    },
    prints: tellingInfo(),
  }),
  row('a plugin of version v1beta1 gets the cluster with its tls-server-name', {
    exec: { apiVersion: V1BETA1, provideClusterInfo: true },
    cluster: { 'tls-server-name': 'one.example' },
    prints: tellingInfo(V1BETA1),
  }),
  row('a plugin gets a cluster that is not verified, behind a proxy', {
    exec: { provideClusterInfo: true },
    cluster: {
      'certificate-authority-data': undefined,
      'insecure-skip-tls-verify': true,
    },
    throughProxy: true,
    prints: tellingInfo(),
  }),
  row('a plugin may use a terminal if there is one', {
    exec: { interactiveMode: 'IfAvailable' },
    prints: tellingInfo(),
  }),
  row('a plugin needs a terminal', { exec: { interactiveMode: 'Always' } }, { names: 'interactiveMode' }),
  row(
    'a plugin of version v1 has no interactiveMode',
    { exec: { interactiveMode: undefined } },
    { names: 'interactiveMode' },
  ),
  row('interactiveMode is unknown', { exec: { interactiveMode: 'Sometimes' } }, { names: 'interactiveMode' }),
  row(
    'a plugin has a version that was removed',
    { exec: { apiVersion: 'client.authentication.k8s.io/v1alpha1' } },
    {
      names: 'apiVersion',
    },
  ),
  row('a plugin has no version', { exec: { apiVersion: undefined } }, { names: 'apiVersion' }),
  row('a plugin has no command', { exec: { command: '' } }, { names: 'command' }),
  row('a variable of a plugin has no name', { exec: { env: [{ name: '', value: 'a' }] } }, { names: 'env' }),
  row(
    'a plugin is not installed',
    { exec: { command: 'kubectl-no-such-plugin', installHint: 'brew install it' } },
    { names: 'brew install it' },
  ),
  row('a relative command does not exist', { exec: { command: 'bin/plugin' } }, { names: 'bin/plugin' }),
  row('a command is not executable', { exec: { command: './config' } }, { names: 'exec' }),
  row('a plugin fails', { prints: 'exit 7' }, { names: 'exit code 7' }),
  row('a plugin is killed', { prints: 'kill -9 $$' }, { names: 'SIGKILL' }),
  row('a plugin prints something else', { prints: 'echo "not a credential"' }, { names: 'exec' }),
  row('a plugin prints nothing', { prints: ':' }, { names: 'exec' }),
  row('a plugin prints YAML', {
    prints: `printf 'apiVersion: ${V1}\\nkind: ExecCredential\\nstatus:\\n  token: yaml\\n'`,
  }),
  row(
    'a plugin answers in another version',
    { prints: credential({ token: 't' }, V1BETA1) },
    { names: 'apiVersion' },
  ),
  row(
    'a plugin answers with another kind',
    {
      prints: `echo '{"apiVersion":"${V1}","kind":"Secret","status":{"token":"t"}}'`,
    },
    { names: 'kind' },
  ),
  row(
    'a plugin answers without a status',
    { prints: `echo '{"apiVersion":"${V1}","kind":"ExecCredential"}'` },
    {
      names: 'status',
    },
  ),
  row('a plugin answers with an empty status', { prints: credential({}) }, { names: 'status' }),
  row(
    'a plugin gives a certificate without a key',
    {
      prints: ({ client }) => credential({ clientCertificateData: client.cert }),
    },
    { names: 'clientKeyData' },
  ),
  row(
    'a plugin gives a certificate with the key of another certificate',
    {
      prints: ({ client, otherClient }) =>
        credential({ clientCertificateData: client.cert, clientKeyData: otherClient.key }),
    },
    { names: 'clientKeyData' },
  ),
  row('a plugin gives a token that has expired', {
    prints: credential({ token: 'old', expirationTimestamp: '2020-01-01T00:00:00Z' }),
  }),
  row(
    'a plugin gives an expiry that is not a time',
    {
      prints: credential({ token: 't', expirationTimestamp: 'tomorrow' }),
    },
    { names: 'expirationTimestamp' },
  ),
  row('the user has a token and a plugin', { user: { token: 'of-the-file' } }),
  row('the user has a name, a password and a plugin', { user: { username: 'jane', password: 'p' } }),
  {
    where: 'the user has a certificate and a plugin',
    setup: (w) => ({
      files: {
        '.kube/config': kubeconfig({
          cluster: to(w, 'one'),
          user: {
            'client-certificate-data': base64(w.client.cert),
            'client-key-data': base64(w.client.key),
            exec: { apiVersion: V1, command: '/nowhere', interactiveMode: 'Never' },
          },
        }),
      },
    }),
  },
  row(
    'the user has an auth-provider and a plugin',
    { user: { 'auth-provider': { name: 'oidc' } } },
    {
      names: 'auth-provider',
    },
  ),
  row('the user has a plugin, and acts as another user', { user: { as: 'jane' } }),
];

/** A shell command that prints this credential. */
function credential(status: object, apiVersion = V1): string {
  return `printf '%s' '${JSON.stringify({ apiVersion, kind: 'ExecCredential', status })}'`;
}

function echoed(token: string, apiVersion = V1): string {
  return `printf '%s' "{\\"apiVersion\\":\\"${apiVersion}\\",\\"kind\\":\\"ExecCredential\\",\\"status\\":{\\"token\\":\\"${token}\\"}}"`;
}

/** The plugin's token is what it got in KUBERNETES_EXEC_INFO, so that the server sees it. */
function tellingInfo(apiVersion = V1): string {
  return `token=$(printf '%s' "$KUBERNETES_EXEC_INFO" | base64 -w0)\n${echoed('$token', apiVersion)}`;
}
