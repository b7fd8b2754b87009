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

/**
 * Each `*` takes as little as it can, so that no pattern takes long. The beginning and the end of most patterns say already
 * that they do not match: a refusal looks at all patterns of all profiles.
 */
function matches(pattern: string, namespace: string): boolean {
  const [first, last] = [pattern.indexOf('*'), pattern.lastIndexOf('*')];
  if (first === -1) return namespace === pattern;
  const end = namespace.length - (pattern.length - last - 1);
  if (end < first || !namespace.startsWith(pattern.slice(0, first))) return false;
  if (!namespace.endsWith(pattern.slice(last + 1))) return false;
  let position = first;
  for (const part of pattern.slice(first, last).split('*')) {
    const found = namespace.indexOf(part, position);
    if (found === -1) return false;
    position = found + part.length;
  }
  return position <= end;
}
