/**
 * The path and query that a request asks for. A target is a path, or a URL with one, as a request to a proxy has it; anything
 * else (`*`, `http://[/`) is nothing that can be asked for.
 */
export function pathOfTarget(target: string | undefined): string | undefined {
  if (target?.startsWith('/')) return target;
  if (target === undefined || !/^https?:/i.test(target) || !URL.canParse(target)) return undefined;
  const { pathname, search } = new URL(target);
  return pathname + search;
}
