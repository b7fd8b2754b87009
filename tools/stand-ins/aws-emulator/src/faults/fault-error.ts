import type { AwsError } from '../http/aws-error.ts';
import type { Fault } from './faults.ts';

/** The same errors of the two services. */
const CODES = {
  ecr: {
    throttled: 'ThrottlingException',
    denied: 'AccessDeniedException',
    deniedStatus: 400,
    broken: 'ServerException',
  },
  sts: { throttled: 'Throttling', denied: 'AccessDenied', deniedStatus: 403, broken: 'InternalFailure' },
} as const;

/** The error answer of a fault; undefined for other kinds of faults. */
export function faultError(
  fault: Fault | undefined,
  service: keyof typeof CODES,
  operation: string,
  callerArn: string | undefined,
): AwsError | undefined {
  const codes = CODES[service];
  switch (fault?.kind) {
    case 'throttle':
      return { status: 400, code: codes.throttled, message: 'Rate exceeded' };
    case 'access-denied':
      return {
        status: codes.deniedStatus,
        code: codes.denied,
        message: denial(`${service}:${operation}`, callerArn),
      };
    case 'server-error':
      return { status: 500, code: codes.broken, message: 'An internal error occurred' };
    default:
      return undefined;
  }
}

function denial(action: string, callerArn: string | undefined): string {
  // A caller with a web identity has no ARN yet.
  if (callerArn === undefined) return `Not authorized to perform ${action}`;
  return (
    `User: ${callerArn} is not authorized to perform: ${action} on resource: * ` +
    `because no identity-based policy allows the ${action} action`
  );
}
