import type { ApiObject } from './objects.ts';

/** One of a webhook's `matchConditions`. */
export interface MatchCondition {
  readonly name: string;
  readonly expression: string;
}

type Condition = (object: ApiObject | undefined) => boolean;

// There is no CEL here: these are the forms of expression that are understood, each turned into a function.
const FORMS: readonly { readonly form: RegExp; condition(match: RegExpExecArray): Condition }[] = [
  {
    form: /^!has\(object\.metadata\.(\w+)\)$/,
    condition:
      ([, field = '']) =>
      (object) =>
        object?.metadata?.[field] === undefined,
  },
  {
    form: /^has\(object\.metadata\.labels\) && '([^']+)' in object\.metadata\.labels && object\.metadata\.labels\['\1'\] == '([^']*)'$/,
    condition:
      ([, key = '', value]) =>
      (object) =>
        object?.metadata?.labels?.[key] === value,
  },
];

/** Whether a webhook is to be called, by all of its conditions. @throws for an expression of another form. */
export function matchConditions(conditions: readonly MatchCondition[] = []): Condition {
  const compiled = conditions.map(({ name, expression }) => {
    for (const { form, condition } of FORMS) {
      const match = form.exec(expression.trim());
      if (match !== null) return condition(match);
    }
    throw new Error(
      `matchConditions[${name}]: the embedded cluster has no CEL, and does not know this expression`,
    );
  });
  return (object) => compiled.every((condition) => condition(object));
}
