import { badRequest } from './api-error.ts';

export type Labels = Readonly<Record<string, string>> | undefined;

/** A `LabelSelector`. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly Requirement[];
}

interface Requirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values?: readonly string[];
}

/** Whether a selector matches. An empty one matches everything. */
export function selects({ matchLabels = {}, matchExpressions = [] }: LabelSelector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels?.[key] === value) &&
    matchExpressions.every((requirement) => holds(requirement, labels))
  );
}

function holds({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = labels?.[key];
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

/** Commas outside of parentheses. */
const COMMA = /,(?![^(]*\))/;
const REQUIREMENT = /^(!)?\s*([\w./-]+)\s*(?:(==?|!=)\s*([\w.-]*)|\b(in|notin)\s*\(([^)]*)\))?$/;

/**
 * The selector of a list call: `a=b,c!=d,e in (f,g),h,!i`.
 *
 * @throws ApiError 400
 */
export function parseLabelSelector(text: string): LabelSelector {
  const terms = text.trim() === '' ? [] : text.split(COMMA);
  return { matchExpressions: terms.map((term) => requirement(term.trim())) };
}

function requirement(term: string): Requirement {
  const match = REQUIREMENT.exec(term);
  if (match === null) throw badRequest(`unable to parse the requirement "${term}" of a label selector`);
  const [, not, key = '', sign, value = '', word, values = ''] = match;
  if (sign !== undefined) return { key, operator: sign === '!=' ? 'NotIn' : 'In', values: [value] };
  if (word === undefined) return { key, operator: not ? 'DoesNotExist' : 'Exists' };
  const list = values.split(',').map((one) => one.trim());
  return { key, operator: word === 'in' ? 'In' : 'NotIn', values: list };
}
