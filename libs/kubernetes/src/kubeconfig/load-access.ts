import type { Access } from './access.ts';
import { AccessError } from './access-error.ts';
import { clusterAccess } from './cluster-access.ts';
import { identityOf } from './identity.ts';
import { inClusterAccess, SERVICE_ACCOUNT } from './in-cluster.ts';
import { loadKubeconfig, type Environment, type LoadedKubeconfig } from './load-kubeconfig.ts';

/** What a person says, and where the program runs. */
export interface AccessOptions {
  /** Of `--kubeconfig`. */
  readonly kubeconfig?: string | undefined;
  /** Of `--context`. */
  readonly context?: string | undefined;
  /** KUBECONFIG, HOME, HTTPS_PROXY and the like; KUBERNETES_SERVICE_HOST in a Pod. */
  readonly env: Environment;
  /** Ends the reading of a kubeconfig that is a pipe. */
  readonly signal?: AbortSignal;
  /** The folder of a Pod's service account. */
  readonly serviceAccount?: string;
}

/**
 * The way to the API server that kubectl would take, as whom it would: by a kubeconfig, or in a Pod that has none by its
 * service account.
 *
 * @throws AccessError
 */
export async function loadAccess(options: AccessOptions): Promise<Access> {
  const { context, env, serviceAccount = SERVICE_ACCOUNT } = options;
  const kubeconfig = await loadKubeconfig(options.kubeconfig, env, options.signal);
  if (context || !isEmpty(kubeconfig)) return accessOf(kubeconfig, context, env);
  const access = inClusterAccess(env, serviceAccount);
  if (access === undefined)
    throw new AccessError(
      `there is no kubeconfig, and this is no Pod: name a file that exists, here or with --kubeconfig (looked at: ${lookedAt(kubeconfig)})`,
    );
  return access;
}

function isEmpty({ contexts, clusters, users, currentContext }: LoadedKubeconfig): boolean {
  return contexts.size + clusters.size + users.size === 0 && currentContext === undefined;
}

function lookedAt({ lookedAt }: LoadedKubeconfig): string {
  return lookedAt.join(', ') || 'nothing, as HOME is not set';
}

function accessOf(kubeconfig: LoadedKubeconfig, flag: string | undefined, env: Environment): Access {
  const context = chosenContext(kubeconfig, flag);
  const { cluster: clusterName = '', user: userName = '', namespace = 'default' } = context.value;
  const cluster = kubeconfig.clusters.get(clusterName);
  if (cluster === undefined) throw new AccessError(`${context.where}: there is no cluster "${clusterName}"`);
  const user = kubeconfig.users.get(userName);
  if (user === undefined) throw new AccessError(`${context.where}: there is no user "${userName}"`);
  const way = clusterAccess(cluster.value, `${cluster.file}: cluster "${clusterName}"`, env);
  const userWhere = `${user.file}: user "${userName}"`;
  const identity = identityOf(user.value, userWhere, {
    cluster: { value: cluster.value, ca: way.trust.ca },
    env,
  });
  const { impersonation, ...credentials } = identity;
  // As with kubectl, whoever speaks plain HTTP sends no credentials, and runs no plugin.
  if (way.server.protocol === 'http:') return { ...way, identity: { impersonation }, namespace };
  if (Object.values(credentials).every((value) => value === undefined))
    throw new AccessError(`${userWhere}: ${NOBODY}`);
  return { ...way, identity, namespace };
}

const NOBODY =
  'it has no credentials: none of token, tokenFile, client-certificate, username and exec is set, and nobody can be asked';

function chosenContext(kubeconfig: LoadedKubeconfig, flag: string | undefined) {
  const { contexts, currentContext } = kubeconfig;
  const all = `there are: ${[...contexts.keys()].join(', ') || 'none'}`;
  const files = `looked at: ${lookedAt(kubeconfig)}`;
  const name = flag || currentContext?.value;
  if (name === undefined)
    throw new AccessError(`current-context is not set; name a context, ${all} (${files})`);
  const context = contexts.get(name);
  if (context !== undefined) return { ...context, where: `${context.file}: context "${name}"` };
  if (flag) throw new AccessError(`there is no context "${name}"; ${all} (${files})`, 'context');
  throw new AccessError(`${currentContext?.file}: current-context: there is no context "${name}"; ${all}`);
}
