/** What an answer of the API server holds. */
export interface KubernetesBody {
  readonly message?: unknown;
  /** Of a Status: which object it is about. */
  readonly details?: { readonly name?: unknown } | null;
}

/**
 * Reads what came back; undefined where that is not Kubernetes's. A proxy's login page has a status too, and would pass for
 * an empty list. Whether it is the kind that was asked for is another question.
 */
export function readBody(status: number, text: string): KubernetesBody | undefined {
  const body = parse(text);
  if (typeof body !== 'object' || body === null) return undefined;
  const { kind } = body as { kind?: unknown };
  const isKubernetes = status >= 400 ? kind === 'Status' : typeof kind === 'string';
  return isKubernetes ? body : undefined;
}

/**
 * Whether a Status is about an object that the path of its request does not name. Something else that a request needs can
 * be missing, too, such as the parameters of a policy; the object itself is not gone then.
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
