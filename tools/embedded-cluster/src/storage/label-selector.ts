import { badRequest } from '../api-error.ts';
import { labelValueProblems, qualifiedNameProblems } from '../objects/names.ts';

export type Labels = Readonly<Record<string, string>> | undefined;
export type LabelPredicate = (labels: Labels) => boolean;

/** A `LabelSelector`, as webhook configurations have them. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** A selector of an object; an empty one selects everything. */
export function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels?.[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => holds(operator, labels?.[key], values))
  );
}

function holds(operator: string, value: string | undefined, values: readonly string[]): boolean {
  switch (operator.toLowerCase()) {
    case 'in':
    case '=':
    case '==':
      return value !== undefined && values.includes(value);
    case 'notin':
    case '!=':
      return value === undefined || !values.includes(value);
    case 'exists':
      return value !== undefined;
    case 'doesnotexist':
      return value === undefined;
    case '>':
      return Number(value) > Number(values[0]);
    case '<':
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

const TOKEN = /\s*(==|!=|[=<>!(),]|[^\s=<>!(),]+)/y;
const OPERATORS = ['in', 'notin', '=', '==', '!=', '<', '>'];
const EXPECTED_OPERATORS = 'in, notin, =, ==, !=, gt, lt';

/**
 * A selector of a list call: `a=b,c!=d,e in (f,g),h,!i`. A port of apimachinery's parser, for its complaints.
 *
 * @throws ApiError 400
 */
export function parseLabelSelector(text: string): LabelPredicate {
  const tokens = new Tokens(text);
  const requirements: LabelPredicate[] = [];
  if (tokens.peek() === '') return () => true;
  for (;;) {
    if (!isWord(tokens.peek()) && tokens.peek() !== '!')
      throw badRequest(`found '${tokens.peek()}', expected: !, identifier, or 'end of string'`);
    requirements.push(requirement(tokens));
    const next = tokens.take();
    if (next === '') return (labels) => requirements.every((matches) => matches(labels));
    if (next !== ',') throw badRequest(`found '${next}', expected: ',' or 'end of string'`);
    if (!isWord(tokens.peek()) && tokens.peek() !== '!')
      throw badRequest(`found '${tokens.peek()}', expected: identifier after ','`);
  }
}

function requirement(tokens: Tokens): LabelPredicate {
  const isAbsent = tokens.peek() === '!';
  if (isAbsent) tokens.take();
  const key = tokens.take();
  if (!isWord(key)) throw unreadable(`found '${key}', expected: identifier`);
  const [problem] = qualifiedNameProblems(key);
  if (problem !== undefined) throw unreadable(`<nil>: Invalid value: "${key}": ${problem}`);
  if (isAbsent) return (labels) => labels?.[key] === undefined;
  if (tokens.peek() === '' || tokens.peek() === ',') return (labels) => labels?.[key] !== undefined;
  const operator = tokens.take();
  if (!OPERATORS.includes(operator)) throw unreadable(`found '${operator}', expected: ${EXPECTED_OPERATORS}`);
  const values = operator === 'in' || operator === 'notin' ? set(tokens) : [exact(tokens)];
  values.forEach((value, index) => {
    const [wrong] = labelValueProblems(value);
    if (wrong !== undefined)
      throw unreadable(`values[${index}][${key}]: Invalid value: "${value}": ${wrong}`);
  });
  return (labels) => holds(operator, labels?.[key], values);
}

function set(tokens: Tokens): string[] {
  const open = tokens.take();
  if (open !== '(') throw unreadable(`found '${open}' expected: '('`);
  const values = new Set<string>();
  let isAfterValue = false;
  for (;;) {
    const token = tokens.take();
    if (token === ')') {
      if (!isAfterValue) values.add('');
      return [...values].sort();
    }
    if (token === ',') {
      if (!isAfterValue) values.add('');
      isAfterValue = false;
    } else if (isWord(token) && !isAfterValue) {
      values.add(token);
      isAfterValue = true;
    } else {
      throw unreadable(`found '${token}', expected: ',' or ')'`);
    }
  }
}

function exact(tokens: Tokens): string {
  if (tokens.peek() === '' || tokens.peek() === ',') return '';
  const value = tokens.take();
  if (!isWord(value)) throw unreadable(`found '${value}', expected: identifier`);
  return value;
}

function unreadable(why: string) {
  return badRequest(`unable to parse requirement: ${why}`);
}

function isWord(token: string): boolean {
  return /^[^\s=<>!(),]/.test(token);
}

/** The parts of a selector; an empty one at the end. */
class Tokens {
  #at = 0;

  constructor(private readonly text: string) {}

  peek(): string {
    TOKEN.lastIndex = this.#at;
    return TOKEN.exec(this.text)?.[1] ?? '';
  }

  take(): string {
    const token = this.peek();
    this.#at = token === '' ? this.text.length : TOKEN.lastIndex;
    return token;
  }
}
