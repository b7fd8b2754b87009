import type { Identity, Impersonation, Plugin } from './access.ts';
import { AccessError } from './access-error.ts';
import type { Exec, User } from './kubeconfig-schema.ts';
import { sourceOf } from './source.ts';

const PLUGIN_VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
const INTERACTIVE_MODES = ['Never', 'IfAvailable', 'Always'];

type Surroundings = Pick<Plugin, 'cluster' | 'env'>;

/**
 * Reads the identity of a user. A token, a name with a password, and a certificate take precedence over a plugin.
 *
 * @param where - the file and the name of the user, for messages
 * @param surroundings - for a plugin
 * @throws AccessError
 */
export function readIdentity(user: User, where: string, surroundings: Surroundings): Identity {
  const { token: text, tokenFile: file, username, password = '', exec } = user;
  if (user['auth-provider'] != null)
    throw new AccessError(`${where}: auth-provider: not supported; use a plugin (exec) or a token instead`);
  const hasToken = text !== undefined || file !== undefined;
  if (hasToken && (username !== undefined || password !== ''))
    throw new AccessError(
      `${where}: ${text === undefined ? 'tokenFile' : 'token'} and username must not be set together`,
    );
  const plugin = exec == null ? undefined : readPlugin(exec, where, surroundings);
  const certificate = readCertificate(user, where);
  const impersonation = readImpersonation(user, where);
  const token = text === undefined ? undefined : { field: `${where}: token`, text };
  const tokenFile = file === undefined ? undefined : { field: `${where}: tokenFile`, file };
  if (hasToken) return { token, tokenFile, certificate, impersonation };
  if (username !== undefined) return { basic: { username, password }, certificate, impersonation };
  if (certificate !== undefined) return { certificate, impersonation };
  return { plugin, impersonation };
}

function readCertificate(user: User, where: string): Identity['certificate'] {
  const cert = sourceOf(where, 'client-certificate', user);
  if (cert === undefined) return undefined;
  const key = sourceOf(where, 'client-key', user);
  if (key === undefined)
    throw new AccessError(`${where}: client-key: it is not set, but client-certificate is`);
  return { cert, key };
}

function readPlugin(exec: Exec, where: string, surroundings: Surroundings): Plugin {
  const field = `${where}: exec`;
  const { command, apiVersion } = exec;
  if (command === undefined) throw new AccessError(`${field}.command: it is not set`);
  if (apiVersion === undefined || !PLUGIN_VERSIONS.includes(apiVersion))
    throw new AccessError(`${field}.apiVersion: expected ${PLUGIN_VERSIONS.join(' or ')}`);
  if (exec.env.some(({ name }) => name === undefined))
    throw new AccessError(`${field}.env: a variable has no name`);
  // It is optional in v1beta1.
  const interactiveMode = exec.interactiveMode ?? (apiVersion.endsWith('/v1beta1') ? 'IfAvailable' : '');
  if (!INTERACTIVE_MODES.includes(interactiveMode))
    throw new AccessError(`${field}.interactiveMode: expected ${INTERACTIVE_MODES.join(', ')}`);
  return { exec: { ...exec, command, apiVersion, interactiveMode }, ...surroundings, field };
}

function readImpersonation(user: User, where: string): Impersonation | undefined {
  const { as, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra } = user;
  if (as !== undefined) return { user: as, uid, groups, extra, field: where };
  const orphan =
    (uid !== undefined && 'as-uid') ||
    (groups.length > 0 && 'as-groups') ||
    (Object.keys(extra).length > 0 && 'as-user-extra');
  if (orphan) throw new AccessError(`${where}: ${orphan}: it requires "as"`);
  return undefined;
}
