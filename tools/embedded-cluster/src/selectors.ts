import { badRequest } from './api-error.ts';

export type Labels = Readonly<Record<string, string>> | undefined;
export type Predicate = (labels: Labels) => boolean;

/** A `LabelSelector`, as webhook configurations have them. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
}

/** A selector of an object; an absent one selects everything. */
export function labelSelector({ matchLabels = {}, matchExpressions = [] }: LabelSelector = {}): Predicate {
  return (labels = {}) =>
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = labels[key];
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
    });
}

const REQUIREMENT =
  /^\s*(?:(!)?\s*([\w./-]+)|([\w./-]+)\s*(==?|!=)\s*([\w.-]*)|([\w./-]+)\s+(in|notin)\s*\(([^)]*)\))\s*$/;

/** A selector of a list call: `a=b,c!=d,e in (f,g),h,!i`. */
export function parseLabelSelector(text: string): Predicate {
  const requirements = text === '' ? [] : text.split(/,(?![^(]*\))/);
  const predicates = requirements.map((requirement): Predicate => {
    const match = REQUIREMENT.exec(requirement);
    if (match === null) throw badRequest(`unable to parse requirement: ${requirement}`);
    const [, not, exists, equalKey, operator, equalValue, setKey, set, values = ''] = match;
    if (exists !== undefined) return (labels) => (labels?.[exists] !== undefined) !== (not === '!');
    if (equalKey !== undefined)
      return (labels) => (labels?.[equalKey] === equalValue) === (operator !== '!=');
    const members = values.split(',').map((value) => value.trim());
    return (labels) => {
      const value = labels?.[setKey ?? ''];
      return (value !== undefined && members.includes(value)) === (set === 'in');
    };
  });
  return (labels) => predicates.every((matches) => matches(labels));
}
