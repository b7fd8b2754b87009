import { jsonSyntaxError } from './json-scanner.ts';

/** A text that is not JSON; the message is what Go would say. */
export class GoJsonError extends Error {}

/** @throws GoJsonError */
export function parseGoJson(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString());
  } catch {
    throw new GoJsonError(jsonSyntaxError(text) ?? 'unexpected end of JSON input');
  }
}

/** What Go calls the kind of a JSON value: `number`, `string`, `bool`, `array`, `object`, `null`. */
export function goKind(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** A value as Go prints it with `%v`: `map[a:1 b:[x y]]`. */
export function goPrint(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, one]) => `${key}:${goPrint(one)}`).join(' ')}]`;
}
