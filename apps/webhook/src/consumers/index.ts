import type { Consumer } from './consumer.ts';
import { ANNOTATIONS, annotation } from '@ecr-anywhere/secret-scan';
import { dockerConfigJson } from './docker-config-json.ts';
import { PASSWORD_FORMS } from './password-forms.ts';
import { recipientsOf } from './recipients.ts';
import type { Secret } from './secret.ts';
import { userAndPassword } from './user-and-password.ts';

/**
 * The kinds of Secrets that are filled. To add one:
 * 1. With one user name and one password, it is a row in `password-forms.ts`. Otherwise write `NAME.ts` in this folder, which
 *    exports a `Consumer`, and `NAME.spec.ts` beside it.
 * 2. Add such a file to this list. The first one that takes a Secret fills it.
 * 3. Add its keys to `credentialKeys` in the chart's `templates/policy`, or else the policy refuses the refresher.
 * 4. Add a scenario in which a real client uses the Secret (docs/extending.md).
 */
export const CONSUMERS: readonly Consumer[] = [
  dockerConfigJson,
  ...PASSWORD_FORMS.map((form) => userAndPassword(form, recipientsOf)),
];

/** The kind of a managed Secret; undefined for a Secret that cannot be filled. */
export function consumerOf(secret: Secret): Consumer | undefined {
  return CONSUMERS.find((consumer) => consumer.takes(secret));
}

/** Says what a Secret that no consumer takes needs. */
export function whyUnfillable({ type, metadata }: Secret): string {
  const needs = CONSUMERS.map((consumer) => consumer.needs);
  const list = `${needs.slice(0, -1).join(', ')} or ${needs.slice(-1).join()}`;
  const isMisspelt = annotation(metadata, 'format') !== undefined;
  const found = isMisspelt ? `, and an unknown value in the annotation ${ANNOTATIONS.format}` : '';
  return (
    `A Secret managed by ECR Anywhere needs ${list}; this one has the type ${shown(type)}${found}. ` +
    'The type of a Secret cannot be changed: for another type, delete the Secret and create it again'
  );
}

/** An answer must not grow with what was sent. */
const MAX_TYPE_LENGTH = 100;

function shown(type: unknown): string {
  if (type === undefined || type === null) return '""';
  if (typeof type !== 'string') return 'a value that is not a string';
  return type.length <= MAX_TYPE_LENGTH
    ? JSON.stringify(type)
    : `one of ${type.length} characters, ${JSON.stringify(type.slice(0, MAX_TYPE_LENGTH))}…`;
}
