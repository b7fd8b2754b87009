import type { ApiObject } from '../objects/object.ts';

/** One of a webhook's `matchConditions`. */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

type Predicate = (object: ApiObject) => boolean;

/**
 * This cluster has no CEL. It understands two forms of expression:
 *
 * - `!has(object.metadata.FIELD)`
 * - `has(object.metadata.labels) && 'KEY' in object.metadata.labels && object.metadata.labels['KEY'] == 'VALUE'`
 */
const ABSENT_FIELD = /^!has\(object\.metadata\.(\w+)\)$/;
const LABEL =
  /^has\(object\.metadata\.labels\) && '([^']+)' in object\.metadata\.labels && object\.metadata\.labels\['\1'\] == '([^']*)'$/;

/** Why this cluster cannot evaluate a condition; undefined if it can. */
export function matchConditionProblem(condition: MatchCondition): string | undefined {
  return predicate(condition) === undefined
    ? `matchConditions: the embedded cluster does not understand ${condition.expression}`
    : undefined;
}

/** Whether an object meets all conditions. */
export function matchesConditions(conditions: readonly MatchCondition[], object: ApiObject): boolean {
  return conditions.every((condition) => predicate(condition)?.(object) ?? true);
}

function predicate({ expression }: MatchCondition): Predicate | undefined {
  const text = expression.trim().replaceAll(/\s+/g, ' ');
  const [, field] = ABSENT_FIELD.exec(text) ?? [];
  if (field !== undefined) return ({ metadata }) => !Object.hasOwn(metadata, field);
  const [, key, value] = LABEL.exec(text) ?? [];
  if (key !== undefined) return ({ metadata }) => metadata.labels?.[key] === value;
  return undefined;
}
