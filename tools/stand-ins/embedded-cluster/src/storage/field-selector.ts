import { badRequest } from '../objects/api-error.ts';

export type FieldPredicate = (fields: Readonly<Record<string, string>>) => boolean;

/**
 * The field selector of a list call: `metadata.name=a,type!=b`.
 *
 * @param known the fields of the resource
 * @throws ApiError 400
 */
export function parseFieldSelector(text: string, known: readonly string[]): FieldPredicate {
  const terms = text.split(',').filter((term) => term !== '');
  const tests = terms.map((term): FieldPredicate => {
    const [, field = '', operator, value] = /^(.*?)(!=|==?)(.*)$/s.exec(term) ?? [];
    if (!known.includes(field)) throw badRequest(`field label not supported: ${term}`);
    return (fields) => (fields[field] === value) !== (operator === '!=');
  });
  return (fields) => tests.every((test) => test(fields));
}
