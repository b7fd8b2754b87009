import { KubernetesError, missingRight, type ApiClient, type MissingRight } from '@ecr-anywhere/kubernetes';
import type { Config } from '../config/config.ts';
import type { Command } from '../config/command.ts';

/**
 * Adds to errors about missing rights and credentials what to do.
 *
 * @throws the requests throw {@link KubernetesError}
 */
export function withRemedies(call: ApiClient, config: Pick<Config, 'command' | 'nameOf'>): ApiClient {
  return async (request) => {
    try {
      return await call(request);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const remedy = remedyFor(error, config);
      if (remedy === undefined) throw error;
      throw new KubernetesError(error.failure, `${error.message}; ${remedy}`, error.isTimeout);
    }
  };
}

/** Undefined if the answer does not say what is missing. A policy may forbid a request too, and then no right helps. */
function remedyFor(
  { failure, message }: KubernetesError,
  { command, nameOf }: Pick<Config, 'command' | 'nameOf'>,
): string | undefined {
  if (failure === 'unauthorized')
    return 'check the credentials of the kubeconfig, or the token of the service account';
  const right = failure === 'forbidden' ? missingRight(message) : undefined;
  if (right === undefined) return undefined;
  const missing = `the right to ${rightText(right)} is missing`;
  // The author of the kubeconfig has to provide other rights, such as the right to impersonate.
  if (!CHART_RESOURCES.has(right.resource)) return missing;
  return `${missing}: ${grantFor(command.kind, right, nameOf)}`;
}

/** The resources to which the chart's roles give access. */
const CHART_RESOURCES: ReadonlySet<string> = new Set([
  'configmaps',
  'namespaces',
  'secrets',
  'mutatingwebhookconfigurations',
]);

function rightText({ verb, resource, namespace }: MissingRight): string {
  if (resource === 'mutatingwebhookconfigurations') return `${verb} ${resource}`; // they are in no namespace
  return `${verb} ${resource} ${namespace === undefined ? 'in all namespaces' : `in the namespace ${namespace}`}`;
}

/** Which part of the chart gives a command its rights. */
function grantFor(
  command: Command['kind'],
  { namespace, resource }: MissingRight,
  nameOf: Config['nameOf'],
): string {
  if (resource === 'configmaps') return "the chart grants it with the Role of the refresher's report";
  switch (command) {
    case 'refresh':
      return `${grantByNamespace(namespace, nameOf)}${resource === 'secrets' ? grantByName(nameOf) : ''}`;
    case 'check':
      return namespace === undefined
        ? 'the chart grants it with the ClusterRole of helm test'
        : 'the chart grants it with the Role of helm test';
    case 'check-names':
      return 'the chart grants it to its Job that checks the names of Secrets';
    case 'delete-secrets':
      return 'the chart grants it with the Role of its cleanup Job';
  }
}

function grantByNamespace(namespace: string | undefined, nameOf: Config['nameOf']): string {
  return namespace === undefined
    ? `the chart grants it if rbac.namespaces is empty; if it is not, set ${nameOf('NAMESPACES')} to the same namespaces`
    : `the chart grants it if rbac.namespaces is empty or contains ${namespace}`;
}

function grantByName(nameOf: Config['nameOf']): string {
  return `; if rbac.secretNames is not empty, set ${nameOf('SECRET_NAMES')} to the same names`;
}
