/** The details of a `Status`. */
export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
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
  /** The warnings of the webhooks that were called before. */
  warnings: readonly string[] = [];

  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly details?: StatusDetails,
    /** For an expired list: a token to continue with. */
    readonly continueToken?: string,
  ) {
    super(message);
  }

  toStatus(): object {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: 'Failure',
      message: this.message,
      ...(this.reason && { reason: this.reason }),
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

export function notFound({ plural, group }: ResourceName, name: string): ApiError {
  const resource = group ? `${plural}.${group}` : plural;
  return new ApiError(404, 'NotFound', `${resource} "${name}" not found`, { name, group, kind: plural });
}

export function alreadyExists({ plural, group }: ResourceName, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${plural} "${name}" already exists`, {
    name,
    group,
    kind: plural,
  });
}

export function conflict({ plural, group }: ResourceName, name: string): ApiError {
  const message = `Operation cannot be fulfilled on ${plural} "${name}": the object has been modified; please apply your changes to the latest version and try again`;
  return new ApiError(409, 'Conflict', message, { name, group, kind: plural });
}

/** @param problems such as `data[.dockerconfigjson]: Required value` */
export function invalid({ kind, group }: ResourceName, name: string, problems: readonly string[]): ApiError {
  const message = `${kind} "${name}" is invalid: ${problems.join(', ')}`;
  return new ApiError(422, 'Invalid', message, { name, group, kind });
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function internalError(message: string): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`);
}

/** A path that the API does not have. */
export function noSuchResource(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource');
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
  );
}
