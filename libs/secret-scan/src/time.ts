// `Date.parse` alone would also accept "1" and "Tuesday".
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

/** An RFC 3339 time from 1970 on, in milliseconds since then; undefined for anything else. */
export function readTime(text: string): number | undefined {
  const time = RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  return time >= 0 ? time : undefined;
}
