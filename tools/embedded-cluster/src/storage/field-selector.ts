import { badRequest } from '../api-error.ts';

export type FieldPredicate = (fields: Readonly<Record<string, string>>) => boolean;

/**
 * A selector by fields: `metadata.name=a,type!=b`.
 *
 * @param known the fields of the resource
 * @throws ApiError 400
 */
export function parseFieldSelector(text: string, known: readonly string[]): FieldPredicate {
  const terms = text.split(',').filter((term) => term !== '');
  const tests = terms.map((term): FieldPredicate => {
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
    if (match === null) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
    const [, field = '', operator, value] = match;
    if (!known.includes(field)) throw badRequest(`field label not supported: ${field}`);
    return (fields) => (fields[field] === value) !== (operator === '!=');
  });
  return (fields) => tests.every((test) => test(fields));
}
