import type { AdmissionRequest } from '@ecr-anywhere/admission';
import { annotation, isManaged } from '@ecr-anywhere/secret-scan';
import type { Consumer } from '../consumers/consumer.ts';
import { consumerOf, whyUnfillable } from '../consumers/index.ts';
import type { Secret, SecretData } from '../consumers/secret.ts';
import { storedAnnotations, type OurAnnotations } from './annotations.ts';
import type { DueGrant } from '../grants/choice.ts';
import type { Grant } from '../grants/grant.ts';
import { grantsFor } from '../grants/grants-for.ts';
import {
  isBelievable,
  oldCredentials,
  type CredentialPolicy,
  type OldCredential,
  type OldCredentials,
} from '../grants/old-credential.ts';
import { forbiddenChange } from './refresher-guard.ts';
import { isAllowedName, NO_RULES, type WriteRules } from './write-rules.ts';

/** What is to be done about a write, before AWS is asked for anything. */
export type Decision<G extends Grant = Grant> =
  /** The write is not for ECR Anywhere to change: allowed as it is. */
  | { readonly kind: 'untouched' }
  /** A managed Secret that could never be refreshed. `isForbidden`: it is the writer who may not write this. */
  | { readonly kind: 'refused'; readonly message: string; readonly isForbidden?: boolean }
  | Kept
  | Due<G>;

/** The write asks for nothing: what the Secret held is put back, whatever the writer sent. */
export interface Kept {
  readonly kind: 'kept';
  readonly consumer: Consumer;
  readonly data: SecretData;
  readonly annotations: OurAnnotations;
  /** For the writer of the Secret. */
  readonly warnings: readonly string[];
}

/** The Secret needs credentials. `choice.ts` chooses between the old ones and AWS's tokens. */
export interface Due<G extends Grant = Grant> {
  readonly kind: 'due';
  readonly consumer: Consumer;
  readonly grants: readonly DueGrant<G>[];
  /** What stays in the Secret beside the credentials, as the consumer writes it. */
  readonly rest?: string | undefined;
  /** Whether a new mark asks for credentials. Then AWS is believed, not what the Secret claims. */
  readonly isMarked: boolean;
  /** For the writer of the Secret, beside those about the credentials. */
  readonly warnings: readonly string[];
}

/**
 * Decides about one request. Content never matters: a managed Secret is filled whatever it holds.
 *
 * | the request | the decision |
 * | --- | --- |
 * | the refresher's service account changes more than the mark | refused, as forbidden |
 * | not a CREATE or UPDATE of a Secret; no managed label on the new object; being deleted | untouched |
 * | a managed Secret that no consumer takes, that is immutable, or that has a name outside of `SECRET_NAMES` | refused |
 * | a managed Secret with one password, for a host that is not served | refused |
 * | a managed Secret whose other entries are to be kept, and cannot be read | refused |
 * | an UPDATE with no new mark, whose old credentials were made under these settings and all have ample life | kept |
 * | any other managed Secret | due |
 */
export function decide<G extends Grant>(
  request: AdmissionRequest<Secret>,
  policy: CredentialPolicy<G>,
  rules: WriteRules = NO_RULES,
): Decision<G> {
  const { object, oldObject, operation } = request;
  const early = decideEarly(request, rules);
  if (early !== undefined || !object) return early ?? { kind: 'untouched' };
  const fillable = fillableBy(object, request, policy, rules);
  if (fillable.kind === 'refused') return fillable;

  const { consumer, grants, rest, warnings } = fillable;
  const old = operation === 'UPDATE' ? oldCredentials(oldObject, consumer, { ...policy, grants }) : undefined;
  const isMarked = asksForRefresh(object, oldObject);
  const due = grants.map((grant, index) => ({ grant, old: old?.byGrant[index] }));
  if (old === undefined || isMarked || !due.every((each) => isAmple(each.old, policy)))
    return { kind: 'due', consumer, grants: due, isMarked, rest, warnings };
  const data = withRest(consumer, { ...old, secret: oldObject ?? {} }, rest);
  const annotations = storedAnnotations(oldObject, { hasOneCredential: grants.length === 1 });
  return { kind: 'kept', consumer, data, annotations, warnings };
}

/** The decisions that do not depend on what the Secret is filled with: the first two rows of the table. */
export function decideEarly(
  request: AdmissionRequest<Secret>,
  rules: WriteRules,
): Extract<Decision, { kind: 'untouched' | 'refused' }> | undefined {
  const forbidden = isSecretWrite(request) ? forbiddenChange(request, rules.refresher) : undefined;
  if (forbidden !== undefined) return { kind: 'refused', message: forbidden, isForbidden: true };
  return isUntouched(request) ? { kind: 'untouched' } : undefined;
}

/** The data of the stored Secret, with the rest of the new object. */
function withRest(
  consumer: Consumer,
  { secret, data, hasRest }: OldCredentials & { readonly secret: Secret },
  rest: string | undefined,
): SecretData {
  const isSame = rest === undefined && !hasRest;
  return isSame || consumer.rest === undefined ? data : consumer.rest.replace(secret, rest);
}

/** What fills a managed Secret, and what stays in it beside the credentials. */
interface Fillable<G extends Grant> extends Pick<Due, 'consumer' | 'rest' | 'warnings'> {
  readonly kind: 'fillable';
  readonly grants: readonly G[];
}

/** What fills a managed Secret, or why nothing can. */
function fillableBy<G extends Grant>(
  object: Secret,
  request: AdmissionRequest<Secret>,
  policy: CredentialPolicy<G>,
  rules: WriteRules,
): Fillable<G> | Extract<Decision, { kind: 'refused' }> {
  const consumer = consumerOf(object);
  if (consumer === undefined) return { kind: 'refused', message: whyUnfillable(object) };
  if (!isAllowedName(request, rules)) return { kind: 'refused', message: wrongName(rules) };
  if (object.immutable === true) return { kind: 'refused', message: IMMUTABLE };
  const wanted = consumer.wants(object);
  const chosen = grantsFor(wanted, policy.grants);
  if (chosen.kind === 'refused') return chosen;
  const rest = consumer.rest?.of(object);
  if (rest?.kind === 'refused') return rest;
  const warnings = wanted.kind === 'one-password' ? wanted.warnings : [];
  return { kind: 'fillable', consumer, grants: chosen.grants, rest: rest?.text, warnings };
}

/** Whether ECR Anywhere has nothing to do with a request. */
function isUntouched(request: AdmissionRequest<Secret>): boolean {
  const { object, oldObject } = request;
  if (!isSecretWrite(request) || !isManaged(object?.metadata)) return true;
  // A PUT may leave the time out of the new object; the stored one has it.
  return Boolean(object?.metadata?.deletionTimestamp || oldObject?.metadata?.deletionTimestamp);
}

function isAmple(old: OldCredential | undefined, { now, threshold }: CredentialPolicy): boolean {
  return isBelievable(old, now) && old.expiresAt - now > threshold;
}

/** Whether the mark is there and differs from the stored one. A mark that was dropped asks for nothing. */
export function asksForRefresh(object: Secret, oldObject: Secret | null | undefined): boolean {
  const mark = annotation(object.metadata, 'markedForUpdateAt');
  return mark !== undefined && mark !== annotation(oldObject?.metadata, 'markedForUpdateAt');
}

function isSecretWrite({ kind, resource, subResource, operation }: AdmissionRequest): boolean {
  const isSecret = kind.group === '' && kind.kind === 'Secret' && resource.resource === 'secrets';
  return isSecret && !subResource && (operation === 'CREATE' || operation === 'UPDATE');
}

function wrongName({ secretNames }: WriteRules): string {
  return (
    `ECR Anywhere manages only Secrets with these names: ${secretNames.join(', ')}; give the Secret one of them, ` +
    'and no "generateName"'
  );
}

const IMMUTABLE =
  'A Secret managed by ECR Anywhere cannot have "immutable: true", because it could never be refreshed; remove "immutable", ' +
  'and if the stored Secret is immutable, delete it and create it again';
