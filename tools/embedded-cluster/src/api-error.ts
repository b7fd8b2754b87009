import type { FieldError } from './objects/field-error.ts';

/** What a `Status` says beside its message. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly {
    readonly reason?: string;
    readonly message?: string;
    readonly field?: string;
  }[];
  readonly retryAfterSeconds?: number;
}

/** A resource, as errors name it. */
export interface ResourceName {
  readonly kind: string;
  readonly plural: string;
  /** Empty for the core group. */
  readonly group: string;
}

/** An answer that is a `Status` of failure. */
export class ApiError extends Error {
  /** What webhooks had to say before it came to this. */
  warnings: readonly string[] = [];

  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details?: StatusDetails,
    /** A continue token to go on with, of a list that expired. */
    readonly continueToken?: string,
  ) {
    super(message);
  }

  /** As the API server writes it. */
  toStatus(): object {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      ...(this.message && { message: this.message }),
      ...(this.reason && { reason: this.reason }),
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

export function notFound(resource: ResourceName, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, about(resource, name));
}

export function alreadyExists(resource: ResourceName, name: string): ApiError {
  const message = `${qualified(resource)} "${name}" already exists`;
  return new ApiError(409, 'AlreadyExists', message, about(resource, name));
}

const MODIFIED =
  'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(resource: ResourceName, name: string, why = MODIFIED): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`;
  return new ApiError(409, 'Conflict', message, about(resource, name));
}

/** The 422 of a validation: all problems in the details, each once in the message. */
export function invalid(
  { kind, group }: Omit<ResourceName, 'plural'>,
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const texts = [...new Set(errors.map(({ field, message }) => `${field}: ${message}`))];
  const problem = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new ApiError(
    422,
    'Invalid',
    `${group ? `${kind}.${group}` : kind} "${name}" is invalid: ${problem}`,
    {
      ...(name && { name }),
      ...(group && { group }),
      ...(kind && { kind }),
      causes: errors.map(({ field, reason, message }) => ({ reason, message, field })),
    },
  );
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

/** `Internal error occurred: …`: what goes wrong while a webhook is called, among other things. */
export function internalError(message: string): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** A path, or a method on a path, that the API does not have. */
export function noSuchResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

function qualified({ plural, group }: ResourceName): string {
  return group ? `${plural}.${group}` : plural;
}

function about({ plural, group }: ResourceName, name: string): StatusDetails {
  return { name, ...(group && { group }), kind: plural };
}
