import type { EcrTokenErrorCode } from './error.ts';
import type { ErrorFacts } from './facts.ts';

/**
 * A service that gives tokens or credentials, and how its errors are read. The file that calls the service owns this
 * table. What it leaves out is read as for every service of AWS.
 */
export interface Service {
  /** As an `AwsCall` names it, such as `ecr`. */
  readonly name: string;
  /** Who is asked, at the beginning of a sentence, such as `ECR`. */
  readonly party: string;
  /** What `AccessDenied` and a 403 without another name mean. */
  readonly denied: EcrTokenErrorCode;
  /** What any other 4xx means; `invalid-settings` by default. */
  readonly refused?: EcrTokenErrorCode;
  /** What an error means that has neither an answer nor a code that is known; `service` by default. */
  readonly unknown?: EcrTokenErrorCode;
  /** What AWS's names of errors mean here, without the suffix `Exception`. */
  readonly codes?: Readonly<Record<string, EcrTokenErrorCode>>;
  /** What cannot be told by the name alone. Undefined leaves it to `codes` and to the rules that all services share. */
  readonly codeOf?: (facts: ErrorFacts, context: CallContext) => EcrTokenErrorCode | undefined;
  /** Its own sentences. Undefined leaves it to the sentences that all services share. */
  readonly explanations?: { readonly [Code in EcrTokenErrorCode]?: Explain<Explanation | undefined> };
}

/** What was being done when an error occurred. */
export interface CallContext {
  readonly service: Service;
  /** Such as `GetAuthorizationToken`. */
  readonly operation: string;
  readonly region?: string | undefined;
  /** The role that was to be assumed. */
  readonly roleArn?: string | undefined;
  /** Who tried to assume it, if that is known. */
  readonly callerArn?: string | undefined;
}

/** What a person reads of an error. */
export interface Explanation {
  /** What happened, to what. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Whether waiting may help, if that differs from what is usual for the code. */
  readonly transient?: boolean | undefined;
}

export type Explain<Result = Explanation> = (facts: ErrorFacts, context: CallContext) => Result;

/** Who was asked, and where. */
export function partyOf({ service, region }: CallContext): string {
  return region === undefined ? service.party : `${service.party} in ${region}`;
}

/** The caller, if it is known or if AWS names it: "User: arn:… is not authorized to perform: …". */
export function callerOf({ message }: ErrorFacts, { callerArn }: CallContext): string {
  const named = /^User: (arn:[\w+=,.@:/-]+) is not authorized/.exec(message)?.[1];
  return callerArn ?? named ?? 'the current credentials';
}
