import type { Access } from './access.ts';
import { AccessError } from './access-error.ts';
import { readCluster } from './read-cluster.ts';
import { readIdentity } from './read-identity.ts';
import { inClusterAccess, SERVICE_ACCOUNT } from './in-cluster.ts';
import { loadKubeconfig, type Environment, type LoadedKubeconfig } from './load-kubeconfig.ts';

/** What the user chose, and the environment of the program. */
export interface AccessOptions {
  /** The value of `--kubeconfig`. */
  readonly kubeconfig?: string | undefined;
  /** The value of `--context`. */
  readonly context?: string | undefined;
  /** KUBECONFIG, HOME, HTTPS_PROXY and the like; KUBERNETES_SERVICE_HOST in a Pod. */
  readonly env: Environment;
  /** Ends the reading of a kubeconfig that is a pipe. */
  readonly signal?: AbortSignal;
  /** The folder of a Pod's service account. */
  readonly serviceAccount?: string;
}

/**
 * Finds the API server and the identity that kubectl would use: from a kubeconfig, or in a Pod without one from its service
 * account.
 *
 * @throws AccessError
 */
export async function loadAccess(options: AccessOptions): Promise<Access> {
  const { context, env, serviceAccount = SERVICE_ACCOUNT } = options;
  const kubeconfig = await loadKubeconfig(options.kubeconfig, env, options.signal);
  if (context || !isEmpty(kubeconfig)) return readAccess(kubeconfig, context, env);
  const access = inClusterAccess(env, serviceAccount);
  if (access === undefined)
    throw new AccessError(
      `there is no kubeconfig, and this process does not run in a Pod; set it, or --kubeconfig, to a file that exists (searched: ${searchedText(kubeconfig)})`,
    );
  return access;
}

function isEmpty({ contexts, clusters, users, currentContext }: LoadedKubeconfig): boolean {
  return contexts.size + clusters.size + users.size === 0 && currentContext === undefined;
}

function searchedText({ searched }: LoadedKubeconfig): string {
  return searched.join(', ') || 'nothing, because HOME is not set';
}

function readAccess(kubeconfig: LoadedKubeconfig, flag: string | undefined, env: Environment): Access {
  const context = chooseContext(kubeconfig, flag);
  const { cluster: clusterName = '', user: userName = '', namespace = 'default' } = context.value;
  const cluster = kubeconfig.clusters.get(clusterName);
  if (cluster === undefined) throw new AccessError(`${context.where}: there is no cluster "${clusterName}"`);
  const user = kubeconfig.users.get(userName);
  if (user === undefined) throw new AccessError(`${context.where}: there is no user "${userName}"`);
  const connection = readCluster(cluster.value, `${cluster.file}: cluster "${clusterName}"`, env);
  const userWhere = `${user.file}: user "${userName}"`;
  const identity = readIdentity(user.value, userWhere, {
    cluster: { value: cluster.value, ca: connection.trust.ca },
    env,
  });
  const { impersonation, ...credentials } = identity;
  // Like kubectl, send no credentials with plain HTTP, and run no plugin.
  if (connection.server.protocol === 'http:')
    return { ...connection, identity: { impersonation }, namespace };
  if (Object.values(credentials).every((value) => value === undefined))
    throw new AccessError(`${userWhere}: ${NO_CREDENTIALS}`);
  return { ...connection, identity, namespace };
}

const NO_CREDENTIALS = 'it has no credentials; set token, tokenFile, client-certificate, username or exec';

function chooseContext(kubeconfig: LoadedKubeconfig, flag: string | undefined) {
  const { contexts, currentContext } = kubeconfig;
  const all = `the contexts are: ${[...contexts.keys()].join(', ') || 'none'}`;
  const files = `searched: ${searchedText(kubeconfig)}`;
  const name = flag || currentContext?.value;
  if (name === undefined)
    throw new AccessError(`current-context is not set; choose a context: ${all} (${files})`);
  const context = contexts.get(name);
  if (context !== undefined) return { ...context, where: `${context.file}: context "${name}"` };
  if (flag) throw new AccessError(`there is no context "${name}"; ${all} (${files})`, 'context');
  throw new AccessError(`${currentContext?.file}: current-context: there is no context "${name}"; ${all}`);
}
