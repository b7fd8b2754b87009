import { dirname, resolve } from 'node:path';
import type * as z from 'zod';
import { parseYaml } from '../files/parse-yaml.ts';
import { AccessError } from './access-error.ts';
import { kubeconfigSchema, type Cluster, type Context, type User } from './kubeconfig-schema.ts';

/** An entry of a kubeconfig, and the file that contains it. */
export interface Entry<Value> {
  readonly file: string;
  readonly value: Value;
}

/** The content of one kubeconfig, or of several merged ones. Paths are absolute. */
export interface Kubeconfig {
  readonly currentContext?: Entry<string> | undefined;
  readonly contexts: ReadonlyMap<string, Entry<Context>>;
  readonly clusters: ReadonlyMap<string, Entry<Cluster>>;
  readonly users: ReadonlyMap<string, Entry<User>>;
}

/**
 * Parses the text of one kubeconfig.
 *
 * @param file - its path; relative paths in it are relative to its folder
 * @throws AccessError
 */
export function parseKubeconfig(text: string, file: string): Kubeconfig {
  const { success, data, error } = kubeconfigSchema.safeParse(documentOf(text, file));
  if (!success) throw new AccessError(`${file}: ${error.issues.map(formatIssue).join('; ')}`);
  const current = data['current-context'];
  const { contexts, clusters, users } = data;
  const byName = <Value>(kind: string, named: readonly [string | undefined, Value][]) => {
    const entries = new Map<string, Entry<Value>>();
    for (const [name = '', value] of named) {
      if (entries.has(name)) throw new AccessError(`${file}: ${kind}: the name "${name}" is used twice`);
      entries.set(name, { file, value });
    }
    return entries;
  };
  const absolute = (path: string | undefined) => path && resolve(dirname(file), path);
  return {
    currentContext: current === undefined ? undefined : { file, value: current },
    contexts: byName(
      'contexts',
      contexts.map(({ name, context }) => [name, context]),
    ),
    clusters: byName(
      'clusters',
      clusters.map(({ name, cluster }) => [name, withPaths(cluster, absolute)]),
    ),
    users: byName(
      'users',
      users.map(({ name, user }) => [name, withUserPaths(user, absolute)]),
    ),
  };
}

function documentOf(text: string, file: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw new AccessError(`${file} ${(error as Error).message}`);
  }
}

function formatIssue({ path, message }: z.core.$ZodIssue): string {
  const field = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
  return field === '' ? message : `${field.replace(/^\./, '')}: ${message}`;
}

type Absolute = (path: string | undefined) => string | undefined;

function withPaths(cluster: Cluster, absolute: Absolute): Cluster {
  return { ...cluster, 'certificate-authority': absolute(cluster['certificate-authority']) };
}

function withUserPaths(user: User, absolute: Absolute): User {
  const { exec } = user;
  return {
    ...user,
    'client-certificate': absolute(user['client-certificate']),
    'client-key': absolute(user['client-key']),
    tokenFile: absolute(user.tokenFile),
    // A command without a slash is searched on the PATH.
    exec: exec?.command?.includes('/') ? { ...exec, command: absolute(exec.command) } : exec,
  };
}
