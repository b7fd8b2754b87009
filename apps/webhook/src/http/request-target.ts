/**
 * The path and query that a request asks for. The target is a path, or a URL as in a request to a proxy. Undefined for any
 * other target (`*`, `http://[/`).
 */
export function pathOfTarget(target: string | undefined): string | undefined {
  if (target?.startsWith('/')) return target;
  if (target === undefined || !/^https?:/i.test(target) || !URL.canParse(target)) return undefined;
  const { pathname, search } = new URL(target);
  return pathname + search;
}
