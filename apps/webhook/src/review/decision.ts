import type { AdmissionRequest } from '@ecr-anywhere/admission';
import { annotation, isManaged, SECRET_TYPE } from '@ecr-anywhere/secret-scan';
import { isBelievable, oldCredential, type Credential, type CredentialPolicy } from './old-credential.ts';
import type { Secret } from './secret.ts';

/** What a write of a Secret comes to, before AWS is asked for anything. */
export type Decision =
  /** None of our business: allowed as it is. */
  | { readonly kind: 'untouched' }
  /** A managed Secret that could never be kept fresh. */
  | { readonly kind: 'refused'; readonly message: string }
  /** Nothing is asked for: what the Secret held is put back, whatever the writer sent. */
  | { readonly kind: 'kept'; readonly old: Credential }
  /** Everything else; `choice.ts` goes on. */
  | Due;

/** It needs credentials. */
export interface Due {
  readonly kind: 'due';
  /** What it says that it holds. Whether its end is believed is judged again once AWS has answered, and told the time. */
  readonly old: Credential | undefined;
  /** Whether a new mark asks for them: then AWS is believed rather than what `old` claims. */
  readonly isMarked: boolean;
}

/**
 * Decides about one request. Content never matters: a managed Secret is filled whatever it holds.
 *
 * | the request | the decision |
 * | --- | --- |
 * | not a CREATE or UPDATE of a Secret; no managed label on the new object; being deleted | untouched |
 * | a managed Secret of another type, or immutable | refused |
 * | an UPDATE with no new mark, whose old credential was made under these settings and has ample life | kept |
 * | any other managed Secret | due |
 */
export function decide(request: AdmissionRequest<Secret>, policy: CredentialPolicy): Decision {
  const { object, oldObject, operation } = request;
  if (!object || isUntouched(request)) return { kind: 'untouched' };
  if (object.type !== SECRET_TYPE) return { kind: 'refused', message: wrongType(object.type) };
  if (object.immutable === true) return { kind: 'refused', message: IMMUTABLE };

  const old = operation === 'UPDATE' ? oldCredential(oldObject, policy) : undefined;
  const isMarked = asksForRefresh(object, oldObject);
  return old !== undefined && isAmple(old, policy) && !isMarked
    ? { kind: 'kept', old }
    : { kind: 'due', old, isMarked };
}

/** Whether a request is none of our business. */
export function isUntouched(request: AdmissionRequest<Secret>): boolean {
  const { object, oldObject } = request;
  if (!isSecretWrite(request) || !isManaged(object?.metadata)) return true;
  // A PUT may leave the time out of the new object; the stored one has it.
  return Boolean(object?.metadata?.deletionTimestamp || oldObject?.metadata?.deletionTimestamp);
}

function isAmple(old: Credential, { now, threshold }: CredentialPolicy): boolean {
  return isBelievable(old, now) && old.expiresAt - now > threshold;
}

/** Whether the mark is there and differs from before. A mark that was dropped asks for nothing. */
export function asksForRefresh(object: Secret, oldObject: Secret | null | undefined): boolean {
  const mark = annotation(object.metadata, 'markedForUpdateAt');
  return mark !== undefined && mark !== annotation(oldObject?.metadata, 'markedForUpdateAt');
}

function isSecretWrite({ kind, resource, subResource, operation }: AdmissionRequest): boolean {
  const isSecret = kind.group === '' && kind.kind === 'Secret' && resource.resource === 'secrets';
  return isSecret && !subResource && (operation === 'CREATE' || operation === 'UPDATE');
}

function wrongType(type: unknown): string {
  return (
    `A Secret managed by ECR Anywhere needs "type: ${SECRET_TYPE}", not ${shown(type)}; ` +
    'the type of a Secret cannot be changed, so delete it and create it anew'
  );
}

/** An answer must not grow with what was sent, which may be of any shape and depth. */
const LONGEST_TYPE = 100;

function shown(type: unknown): string {
  if (type === undefined || type === null) return '""';
  if (typeof type !== 'string') return 'something that is no text';
  return type.length <= LONGEST_TYPE
    ? JSON.stringify(type)
    : `one of ${type.length} characters, ${JSON.stringify(type.slice(0, LONGEST_TYPE))}…`;
}

const IMMUTABLE =
  'A Secret managed by ECR Anywhere cannot have "immutable: true", as it could never be refreshed; leave "immutable" out, ' +
  'and where the Secret has it already, delete it and create it anew';
