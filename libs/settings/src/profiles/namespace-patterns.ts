/** Kubernetes has no longer names of namespaces. A caller that is not the API server may send one. */
const LONGEST_NAMESPACE = 63;

const PATTERN = /^[a-z0-9*](?:[a-z0-9*-]{0,61}[a-z0-9*])?$/;

/** Whether a text is the name of a namespace, in which `*` stands for any characters or none. */
export function isNamespacePattern(text: string): boolean {
  return PATTERN.test(text);
}

/** Whether one of the patterns matches the whole name of a namespace. */
export function matchesAny(patterns: readonly string[], namespace: string): boolean {
  return namespace.length <= LONGEST_NAMESPACE && patterns.some((pattern) => matches(pattern, namespace));
}

/** Each `*` takes as little as it can, so that no pattern takes long. */
function matches(pattern: string, namespace: string): boolean {
  const [beginning = '', ...others] = pattern.split('*');
  const end = others.pop();
  if (end === undefined) return namespace === pattern;
  if (!namespace.startsWith(beginning)) return false;
  let position = beginning.length;
  for (const part of others) {
    const found = namespace.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return namespace.length - end.length >= position && namespace.endsWith(end);
}
