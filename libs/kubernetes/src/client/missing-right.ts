/** What somebody may not do. */
export interface MissingRight {
  readonly verb: string;
  readonly resource: string;
  /** Undefined where it is a right in all namespaces, or to what is in none. */
  readonly namespace: string | undefined;
}

/** In the words of k8s.io/apiserver, pkg/endpoints/handlers/responsewriters. */
const REFUSAL =
  /: User "[^"]*" cannot (\w+) resource "([^\s"]+)" in API group "[^"]*" (?:in the namespace "([^\s"]+)"|at the cluster scope)/;

/**
 * Which right is missing, by the API server's message with a 403. Undefined where it does not say so: quotas and policies
 * forbid with a 403 as well, and no right would help.
 */
export function missingRight(message: string): MissingRight | undefined {
  const [, verb, resource, namespace] = REFUSAL.exec(message) ?? [];
  return verb === undefined || resource === undefined ? undefined : { verb, resource, namespace };
}
