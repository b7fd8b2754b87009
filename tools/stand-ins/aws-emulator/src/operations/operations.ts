import { authenticate, type Caller } from '../authentication/authenticate.ts';
import { isAwsError, type AwsError } from '../http/aws-error.ts';
import type { LoggedCall } from './call-log.ts';
import { authorizationToken, ECR_TARGET, ecrError, ecrRequestProblem } from '../ecr/ecr.ts';
import { faultError } from '../faults/fault-error.ts';
import type { Fault } from '../faults/faults.ts';
import type { Answer, Call } from '../http/http-message.ts';
import { stsError } from '../sts/sts-answer.ts';
import { assumeRoleWithWebIdentity, stsOperation, type StsState } from '../sts/sts.ts';
import type { Tokens } from '../ecr/tokens.ts';

/** The state of the emulator. */
export interface AwsState extends Omit<StsState, 'skew'> {
  readonly tokens: Tokens;
  readonly clock: () => number;
}

/** The operation of a request. */
export interface Operation {
  readonly name: string;
  /** Runs the operation, or lets it fail with the fault. */
  run(fault: Fault | undefined): { answer: Answer; line: LoggedCall };
}

/** The AWS operation of a request; undefined if it is not an AWS request. */
export function operationOf(call: Call, state: AwsState): Operation | undefined {
  if (call.method !== 'POST') return undefined;
  const target = call.headers['x-amz-target'];
  if (typeof target === 'string' && target.startsWith(ECR_TARGET)) {
    const name = target.slice(ECR_TARGET.length);
    return { name, run: (fault) => runEcr(name, call, state, fault) };
  }
  if (call.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
    const parameters = new URLSearchParams(call.body.toString());
    const name = parameters.get('Action') ?? '';
    return { name, run: (fault) => runSts(name, parameters, call, state, fault) };
  }
  return undefined;
}

/** How far AWS's clock is ahead in a call, in milliseconds. */
export function skewOf(fault: Fault | undefined): number {
  return fault?.kind === 'clock-skew' ? fault.milliseconds : 0;
}

function runEcr(name: string, call: Call, state: AwsState, fault: Fault | undefined) {
  const { identities, tokens, clock } = state;
  const caller = authenticate(call, identities, 'json', clock() + skewOf(fault));
  const result = (): Answer | AwsError => {
    if (isAwsError(caller)) return caller;
    const { identity, region } = caller;
    const failure = faultError(fault, 'ecr', name, identity.arn) ?? ecrRequestProblem(name, call);
    if (failure !== undefined) return failure;
    const account = identity.arn.split(':')[4] ?? '';
    const lifetime = fault?.kind === 'expired-token' ? -1_000 : undefined;
    return authorizationToken(tokens.issue(account, region, lifetime), skewOf(fault));
  };
  return finish(result(), ecrError, { ...lineOf(name, caller), fault: fault?.kind });
}

function runSts(
  name: string,
  parameters: URLSearchParams,
  call: Call,
  state: AwsState,
  fault: Fault | undefined,
) {
  const now = state.clock() + skewOf(fault);
  const isSigned = name !== 'AssumeRoleWithWebIdentity';
  const caller = isSigned ? authenticate(call, state.identities, 'query', now) : undefined;
  const result = (): Answer | AwsError => {
    if (caller !== undefined && isAwsError(caller)) return caller;
    const failure = faultError(fault, 'sts', name, caller?.identity.arn);
    if (failure !== undefined) return failure;
    const sts = { ...state, skew: skewOf(fault) };
    return caller === undefined
      ? assumeRoleWithWebIdentity(parameters, sts, now)
      : stsOperation(name, parameters, caller, sts);
  };
  return finish(result(), stsError, {
    ...lineOf(name, caller),
    roleArn: parameters.get('RoleArn') ?? undefined,
    sessionName: parameters.get('RoleSessionName') ?? undefined,
    externalId: parameters.get('ExternalId') ?? undefined,
    fault: fault?.kind,
  });
}

function finish(result: Answer | AwsError, asAnswer: (error: AwsError) => Answer, line: LoggedCall) {
  if (!isAwsError(result)) return { answer: result, line };
  return { answer: asAnswer(result), line: { ...line, error: result.code } };
}

function lineOf(operation: string, caller: Caller | AwsError | undefined): LoggedCall {
  if (caller === undefined || isAwsError(caller)) return { operation };
  return { operation, callerArn: caller.identity.arn, region: caller.region };
}
