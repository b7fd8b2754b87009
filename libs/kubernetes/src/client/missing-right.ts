/** A right of Kubernetes RBAC. */
export interface MissingRight {
  readonly verb: string;
  readonly resource: string;
  /** Undefined for a right in all namespaces, or to objects without a namespace. */
  readonly namespace: string | undefined;
}

/** The text of k8s.io/apiserver, pkg/endpoints/handlers/responsewriters. */
const REFUSAL =
  /: User "[^"]*" cannot (\w+) resource "([^\s"]+)" in API group "[^"]*" (?:in the namespace "([^\s"]+)"|at the cluster scope)/;

/**
 * Reads from the message of a 403 which right is missing. Undefined if it does not say so: quotas and policies answer with a
 * 403 too, and then no right helps.
 */
export function missingRight(message: string): MissingRight | undefined {
  const [, verb, resource, namespace] = REFUSAL.exec(message) ?? [];
  return verb === undefined || resource === undefined ? undefined : { verb, resource, namespace };
}
