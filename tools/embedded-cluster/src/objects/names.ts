// The rules for names and labels, in the words of apimachinery's validation: each returns what is wrong.

const SUBDOMAIN = '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*';
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const KEY = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const VALUE = `(${KEY})?`;
const DATA_KEY = '[-._a-zA-Z0-9]+';
const ENDS = 'and must start and end with an alphanumeric character';

/** Of a name by which objects are found, such as a Secret's. */
export function subdomainProblems(name: string): string[] {
  const msg = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', ${ENDS}`;
  return [...longer(name, 253), ...unlike(SUBDOMAIN, name, msg, 'example.com')];
}

/** Of a name without dots, such as a namespace's. */
export function labelProblems(name: string): string[] {
  const msg = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', ${ENDS}`;
  if (name.length <= 63 && name.includes('.') && fits(SUBDOMAIN, name)) return ['must not contain dots'];
  return [...longer(name, 63), ...unlike(LABEL, name, msg, 'my-name', '123-abc')];
}

/** Of the key of a label or an annotation, or a finalizer's name: `[prefix/]name`. */
export function qualifiedNameProblems(key: string): string[] {
  const msg = `must consist of alphanumeric characters, '-', '_' or '.', ${ENDS}`;
  const parts = key.split('/');
  const name = parts.at(-1) ?? '';
  const shape = () => unlike(KEY, name, msg, 'MyName', 'my.name', '123-abc');
  if (parts.length > 2) {
    const hint = regexHint(KEY, 'MyName', 'my.name', '123-abc');
    return [
      `a valid label key ${msg}${hint} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const [prefix] = parts.length === 2 ? parts : [undefined];
  return [
    ...(prefix === undefined ? [] : prefix === '' ? ['must be non-empty'] : subdomainProblems(prefix)).map(
      (problem) => `prefix part ${problem}`,
    ),
    ...[...(name === '' ? ['must be non-empty'] : longer(name, 63)), ...shape()].map(
      (problem) => `name part ${problem}`,
    ),
  ];
}

export function labelValueProblems(value: string): string[] {
  const msg = `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', ${ENDS}`;
  return [...longer(value, 63), ...unlike(VALUE, value, msg, 'MyValue', 'my_value', '12345')];
}

/** Of a key of `data`. */
export function dataKeyProblems(key: string): string[] {
  const msg = `a valid config key must consist of alphanumeric characters, '-', '_' or '.'`;
  const dots = key === '.' || key === '..' ? [`must not be '${key}'`] : [];
  if (key.startsWith('..') && key !== '..') dots.push(`must not start with '..'`);
  return [...longer(key, 253), ...unlike(DATA_KEY, key, msg, 'key.name', 'KEY_NAME', 'key-name'), ...dots];
}

const WHOLE = new Map(
  [SUBDOMAIN, LABEL, KEY, VALUE, DATA_KEY].map((pattern) => [pattern, new RegExp(`^(?:${pattern})$`)]),
);

function fits(pattern: string, text: string): boolean {
  return WHOLE.get(pattern)?.test(text) ?? false;
}

function unlike(pattern: string, text: string, msg: string, ...examples: string[]): string[] {
  return fits(pattern, text) ? [] : [msg + regexHint(pattern, ...examples)];
}

function regexHint(pattern: string, ...examples: string[]): string {
  // The doubled blanks are the API server's.
  const list = examples.map((example) => `'${example}', `).join(' or ');
  return ` (e.g. ${list}regex used for validation is '${pattern}')`;
}

function longer(text: string, most: number): string[] {
  return text.length > most ? [`must be no more than ${most} characters`] : [];
}
