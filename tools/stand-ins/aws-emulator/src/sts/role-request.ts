import type { AwsError } from '../http/aws-error.ts';
import { isRoleArn } from '../identities/identities.ts';

/** The common parameters of the operations that assume a role. */
export interface RoleRequest {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly seconds: number;
}

const HOUR = 3_600;
const SHORTEST = 900;
const LONGEST = 12 * HOUR;

/**
 * Reads and checks the parameters as STS does.
 *
 * @see https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export function readRoleRequest(parameters: URLSearchParams): RoleRequest | AwsError {
  const roleArn = parameters.get('RoleArn');
  const sessionName = parameters.get('RoleSessionName');
  if (roleArn === null) return unsatisfied('null', 'roleArn', 'not be null');
  if (sessionName === null) return unsatisfied('null', 'roleSessionName', 'not be null');
  if (!/^[\w+=,.@-]*$/.test(sessionName)) {
    return unsatisfied(
      `'${sessionName}'`,
      'roleSessionName',
      String.raw`satisfy regular expression pattern: [\w+=,.@-]*`,
    );
  }
  if (sessionName.length < 2 || sessionName.length > 64) {
    return unsatisfied(
      `'${sessionName}'`,
      'roleSessionName',
      sessionName.length < 2
        ? 'have length greater than or equal to 2'
        : 'have length less than or equal to 64',
    );
  }
  if (!isRoleArn(roleArn)) return invalid(`${roleArn} is invalid`);
  const seconds = readDuration(parameters.get('DurationSeconds'));
  return typeof seconds === 'number' ? { roleArn, sessionName, seconds } : seconds;
}

/** With role chaining, a session lasts an hour at most. */
export function chainProblem(callerArn: string, seconds: number): AwsError | undefined {
  if (seconds <= HOUR || !callerArn.includes(':assumed-role/')) return undefined;
  return invalid(
    'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
  );
}

function readDuration(text: string | null): number | AwsError {
  if (text === null) return HOUR;
  const value = `'${text}'`;
  if (!/^\d+$/.test(text)) return { status: 400, code: 'MalformedInput', message: `${value} is no integer` };
  const seconds = Number(text);
  if (seconds < SHORTEST) {
    return unsatisfied(value, 'durationSeconds', `have value greater than or equal to ${SHORTEST}`);
  }
  if (seconds > LONGEST) {
    return unsatisfied(value, 'durationSeconds', `have value less than or equal to ${LONGEST}`);
  }
  return seconds;
}

function unsatisfied(value: string, parameter: string, constraint: string): AwsError {
  return invalid(
    `1 validation error detected: Value ${value} at '${parameter}' failed to satisfy constraint: Member must ${constraint}`,
  );
}

function invalid(message: string): AwsError {
  return { status: 400, code: 'ValidationError', message };
}
