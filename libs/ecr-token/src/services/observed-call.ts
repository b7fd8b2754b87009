import type { EcrTokenErrorCode } from '../errors/error.ts';
import type { CallContext } from '../errors/service.ts';
import { toEcrTokenError } from '../errors/to-ecr-token-error.ts';

/** One finished call to AWS, with its retries. */
export interface AwsCall {
  /** `ecr` or `sts`. */
  readonly service: string;
  /** Such as `GetAuthorizationToken`. */
  readonly operation: string;
  /** `ok`, or the code of its failure. */
  readonly outcome: 'ok' | EcrTokenErrorCode;
  /** How long it took. */
  readonly milliseconds: number;
}

/** Called for every finished call to AWS. Must not throw. */
export type CallListener = (call: AwsCall) => void;

/** Makes a call and reports its outcome to `listener`. @throws `EcrTokenError` */
export async function observed<T>(
  context: CallContext,
  listener: CallListener | undefined,
  call: () => Promise<T>,
): Promise<T> {
  const { service, operation } = context;
  const started = performance.now();
  const tell = (outcome: AwsCall['outcome']) =>
    listener?.({ service: service.name, operation, outcome, milliseconds: performance.now() - started });
  try {
    const result = await call();
    tell('ok');
    return result;
  } catch (error) {
    const classified = toEcrTokenError(error, context);
    tell(classified.code);
    throw classified;
  }
}
