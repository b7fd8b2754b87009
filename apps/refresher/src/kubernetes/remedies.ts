import {
  KubernetesError,
  missingRight,
  type ApiAnswer,
  type ApiCall,
  type MissingRight,
} from '@ecr-anywhere/kubernetes';
import type { Command } from '../config/config.ts';

/**
 * The same requests, whose errors also say what to do where rights or credentials are missing.
 *
 * @throws the requests throw {@link KubernetesError}
 */
export function withRemedies(
  call: (call: ApiCall) => Promise<ApiAnswer>,
  command: Command['kind'],
): (call: ApiCall) => Promise<ApiAnswer> {
  return async (request) => {
    try {
      return await call(request);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const remedy = remedyOf(error, command);
      if (remedy === undefined) throw error;
      throw new KubernetesError(error.failure, `${error.message}; ${remedy}`, error.isTimeout);
    }
  };
}

/** Nothing is said of what the answer leaves open: a policy may forbid a request, too, and then no right is missing. */
function remedyOf({ failure, message }: KubernetesError, command: Command['kind']): string | undefined {
  if (failure === 'unauthorized')
    return 'check the credentials of the kubeconfig, or the token of the service account';
  const right = failure === 'forbidden' ? missingRight(message) : undefined;
  if (right === undefined) return undefined;
  const missing = `the right to ${rightText(right)} is missing`;
  // Others, such as to impersonate, come from whoever wrote the kubeconfig.
  return OF_THE_CHART.has(right.resource) ? `${missing}: ${SOURCES[command](right)}` : missing;
}

const OF_THE_CHART: ReadonlySet<string> = new Set(['namespaces', 'secrets']);

function rightText({ verb, resource, namespace }: MissingRight): string {
  return `${verb} ${resource} ${namespace === undefined ? 'in all namespaces' : `in the namespace ${namespace}`}`;
}

/** Where each command's rights come from. */
const SOURCES: Readonly<Record<Command['kind'], (right: MissingRight) => string>> = {
  refresh: ({ namespace }) =>
    namespace === undefined
      ? 'the chart gives it where rbac.namespaces is empty; where it is not, set NAMESPACES to the same'
      : `the chart gives it where rbac.namespaces is empty or has ${namespace} in it`,
  check: () => 'the chart gives it to the Role of helm test',
  'delete-secrets': () => 'the chart gives it to the Role of its cleanup Job',
};
