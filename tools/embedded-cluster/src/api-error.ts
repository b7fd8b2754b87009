/** An answer that is a `Status` of failure. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string,
    message: string,
    readonly extra: { readonly retryAfterSeconds?: number; readonly continue?: string } = {},
  ) {
    super(message);
  }

  /** As the API server writes it. */
  toStatus(): object {
    const { retryAfterSeconds, continue: token } = this.extra;
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: token === undefined ? {} : { continue: token },
      status: 'Failure',
      message: this.message,
      ...(this.reason && { reason: this.reason }),
      ...(retryAfterSeconds !== undefined && { details: { retryAfterSeconds } }),
      code: this.code,
    };
  }
}

export function notFound(resource: string, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${resource} "${name}" not found`);
}

export function alreadyExists(resource: string, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${resource} "${name}" already exists`);
}

export function conflict(resource: string, name: string): ApiError {
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${resource} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
  );
}

export function invalid(kind: string, name: string, problem: string): ApiError {
  return new ApiError(422, 'Invalid', `${kind} "${name}" is invalid: ${problem}`);
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}
