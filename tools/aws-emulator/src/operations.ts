import { authenticate, type Caller } from './authenticate.ts';
import { isAwsError, type AwsError } from './aws-error.ts';
import { authorizationToken, ECR_TARGET, ecrError } from './ecr.ts';
import type { Fault } from './faults.ts';
import type { Answer, Call } from './http-message.ts';
import type { Identities } from './identities.ts';
import { assumeRole, assumeRoleWithWebIdentity, getCallerIdentity, stsError, type Roles } from './sts.ts';
import type { Tokens } from './tokens.ts';

/** One call to AWS, as the log keeps it. Nothing secret. */
export interface LoggedCall {
  readonly operation: string;
  readonly callerArn?: string | undefined;
  readonly region?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly externalId?: string | undefined;
}

/** What the operations work on. */
export interface AwsState {
  readonly identities: Identities;
  readonly tokens: Tokens;
  readonly roles: Roles;
  readonly clock: () => number;
}

/** An operation that a request asks for. */
export interface Operation {
  readonly name: string;
  /** Carries it out, or lets it fail as ordered. */
  run(fault: Fault | undefined): { answer: Answer; log: LoggedCall };
}

/** The AWS operation that a request asks for; undefined where it asks for none. */
export function operationOf(call: Call, state: AwsState): Operation | undefined {
  const target = call.headers['x-amz-target'];
  if (typeof target === 'string' && target.startsWith(ECR_TARGET)) {
    const name = target.slice(ECR_TARGET.length);
    return { name, run: (fault) => runEcr(name, call, state, fault) };
  }
  if (
    call.method === 'POST' &&
    call.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
  ) {
    const parameters = new URLSearchParams(call.body.toString());
    const name = parameters.get('Action') ?? '';
    return { name, run: (fault) => runSts(name, parameters, call, state, fault) };
  }
  return undefined;
}

function runEcr(name: string, call: Call, state: AwsState, fault: Fault | undefined) {
  const caller = authenticate(call, state.identities, 'json', state.clock);
  const log = logOf(name, caller);
  const failure = faultError(fault, `User is not authorized to perform: ecr:${name} on resource: *`);
  if (isAwsError(caller)) return { answer: ecrError(caller), log };
  if (failure !== undefined) return { answer: ecrError(failure), log };
  if (name !== 'GetAuthorizationToken') {
    return { answer: ecrError({ status: 400, code: 'UnknownOperationException', message: name }), log };
  }
  const host = registryHost(accountOf(caller.identity.arn), caller.region);
  const token = fault?.kind === 'expired-token' ? state.tokens.issue(-1_000) : state.tokens.issue();
  return { answer: authorizationToken(token, host), log };
}

function runSts(
  name: string,
  parameters: URLSearchParams,
  call: Call,
  state: AwsState,
  fault: Fault | undefined,
) {
  const isSigned = name !== 'AssumeRoleWithWebIdentity';
  const caller = isSigned ? authenticate(call, state.identities, 'query', state.clock) : undefined;
  const log: LoggedCall = {
    ...logOf(name, caller),
    roleArn: parameters.get('RoleArn') ?? undefined,
    sessionName: parameters.get('RoleSessionName') ?? undefined,
    externalId: parameters.get('ExternalId') ?? undefined,
  };
  const failure = faultError(fault, `User is not authorized to perform: sts:${name}`, 'Throttling');
  const result = failure ?? stsResult(name, parameters, caller, state);
  return { answer: isAwsError(result) ? stsError(result) : result, log };
}

function stsResult(
  name: string,
  parameters: URLSearchParams,
  caller: Caller | AwsError | undefined,
  { identities, roles, clock }: AwsState,
): Answer | AwsError {
  if (caller === undefined) return assumeRoleWithWebIdentity(parameters, identities, roles, clock());
  if (isAwsError(caller)) return caller;
  if (name === 'GetCallerIdentity') return getCallerIdentity(caller.identity, accountOf(caller.identity.arn));
  if (name === 'AssumeRole') return assumeRole(parameters, caller.identity, identities, roles);
  return { status: 400, code: 'InvalidAction', message: `Could not find operation ${name}` };
}

function faultError(
  fault: Fault | undefined,
  denial: string,
  throttling = 'ThrottlingException',
): AwsError | undefined {
  switch (fault?.kind) {
    case 'throttle':
      return { status: 400, code: throttling, message: 'Rate exceeded' };
    case 'access-denied':
      return {
        status: throttling === 'Throttling' ? 403 : 400,
        code: throttling === 'Throttling' ? 'AccessDenied' : 'AccessDeniedException',
        message: denial,
      };
    case 'server-error':
      return { status: 500, code: 'InternalFailure', message: 'An internal error occurred' };
    default:
      return undefined;
  }
}

function logOf(operation: string, caller: Caller | AwsError | undefined): LoggedCall {
  if (caller === undefined || isAwsError(caller)) return { operation };
  return { operation, callerArn: caller.identity.arn, region: caller.region };
}

function accountOf(arn: string): string {
  return arn.split(':')[4] ?? '';
}

export function registryHost(account: string, region: string): string {
  return `${account}.dkr.ecr.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;
}
