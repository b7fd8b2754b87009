/** The body of an answer of the API server. */
export interface KubernetesBody {
  readonly message?: unknown;
  /** In a Status: the object that it is about. */
  readonly details?: { readonly name?: unknown } | null;
}

/**
 * Parses a body; undefined if it does not come from Kubernetes. The login page of a proxy, for example, must not pass for an
 * empty list. The caller checks whether the kind is the expected one.
 */
export function readBody(status: number, text: string): KubernetesBody | undefined {
  const body = parse(text);
  if (typeof body !== 'object' || body === null) return undefined;
  const { kind } = body as { kind?: unknown };
  const isKubernetes = status >= 400 ? kind === 'Status' : typeof kind === 'string';
  return isKubernetes ? body : undefined;
}

/**
 * Whether a Status is about another object than the one in the path of the request. With a 404, the parameters of a policy
 * may be missing, for example. Then the requested object still exists.
 */
export function isAboutAnother({ details }: KubernetesBody, path: string): boolean {
  const name = details?.name;
  return name !== undefined && name !== '' && !path.split(/[/?]/).includes(encodeURIComponent(String(name)));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
