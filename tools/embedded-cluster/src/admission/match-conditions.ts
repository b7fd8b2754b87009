import type { ApiObject } from '../objects/object.ts';

/** One of a webhook's `matchConditions`. */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

type Condition = (object: ApiObject) => boolean;

/**
 * There is no CEL here. These are the forms of expression that are understood, each turned into a function:
 *
 * - `!has(object.metadata.FIELD)`
 * - `has(object.metadata.labels) && 'KEY' in object.metadata.labels && object.metadata.labels['KEY'] == 'VALUE'`
 */
const FORMS: readonly { readonly form: RegExp; condition(match: RegExpExecArray): Condition }[] = [
  {
    form: /^!has\(object\.metadata\.(\w+)\)$/,
    condition:
      ([, field = '']) =>
      ({ metadata }) =>
        !Object.hasOwn(metadata, field),
  },
  {
    form: /^has\(object\.metadata\.labels\) && '([^']+)' in object\.metadata\.labels && object\.metadata\.labels\['\1'\] == '([^']*)'$/,
    condition:
      ([, key = '', value]) =>
      ({ metadata }) =>
        metadata.labels?.[key] === value,
  },
];

/** Why an expression cannot be used here; undefined where it can. */
export function matchConditionProblem(expression: string): string | undefined {
  return compile(expression) === undefined
    ? 'the embedded cluster has no CEL, and this is none of the expressions that it knows'
    : undefined;
}

/** Whether a webhook is to be called, by all of its conditions. */
export function matchesConditions(
  conditions: readonly MatchCondition[] | undefined,
  object: ApiObject,
): boolean {
  return (conditions ?? []).every(({ expression }) => compile(expression)?.(object) ?? true);
}

function compile(expression: string): Condition | undefined {
  for (const { form, condition } of FORMS) {
    const match = form.exec(expression.trim().replaceAll(/\s+/g, ' '));
    if (match !== null) return condition(match);
  }
  return undefined;
}
