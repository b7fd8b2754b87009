import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { explainError } from '../connection/explain-error.ts';
import type { RequestCredentials } from '../credentials/credentials.ts';
import type { Access } from '../kubeconfig/access.ts';
import type { Milliseconds } from '../milliseconds.ts';
import type { ApiAnswer, ApiCall, ApiClient } from './api-call.ts';
import { isAboutAnother, readBody } from './kubernetes-body.ts';
import { KubernetesError, type KubernetesFailure } from './kubernetes-error.ts';
import { toOneLine } from './to-one-line.ts';
import { retryPause, type Attempt } from './retry.ts';
import { isSecretAtFault } from './secret-at-fault.ts';
import { AnswerTooLarge, createSender, type Sender } from './sender.ts';
import type { ServerClock } from './server-clock.ts';
import { readWarnings } from './warnings.ts';
import { isFailedCall, isRefusal } from './webhook-errors.ts';

/** How requests are made. */
export interface ApiClientOptions {
  readonly access: Access;
  /** The name of the program in the API server's audit log. */
  readonly userAgent: string;
  /** For one attempt. */
  readonly timeout: Milliseconds;
  /** Ends requests, and a plugin that prints credentials. */
  readonly signal: AbortSignal;
  /** Gets the time of each answer. */
  readonly clock?: ServerClock;
  readonly random?: () => number;
  /** Waits between attempts. */
  readonly wait?: (pause: Milliseconds) => Promise<unknown>;
  /** Most bytes of one answer; 16 MiB by default. */
  readonly mostBytes?: number;
  /** Whether a plugin may ask the user. Default: whether standard input is a terminal. */
  readonly isTerminal?: boolean;
}

/**
 * Makes requests with the identity of an {@link Access}. It tries again after temporary errors of the API server, and with new
 * credentials if the API server rejected the old ones.
 *
 * @throws the requests throw {@link KubernetesError}
 */
export function apiClient(options: ApiClientOptions): ApiClient {
  const { signal, random = Math.random, isTerminal = isatty(0) } = options;
  const { wait = (pause) => sleep(pause, undefined, { signal }) } = options;
  const sender = createSender({ ...options, isTerminal });
  return async (call) => {
    let before: AttemptResult | undefined;
    for (let count = 1; ; count++) {
      if (signal.aborted) throw cutOff(`no time was left for ${nameOf(call)}`, before);
      let attempt = await attemptOnce(options, sender, call);
      const { status, credentials } = attempt;
      if (status === 401 && credentials && sender.reject(credentials))
        attempt = await attemptOnce(options, sender, call);
      if (isSuccess(attempt, call)) return attempt;
      if (attempt.isCutOff) throw cutOff(attempt.message, before);
      const pause = retryPause(attempt, count, random());
      if (pause === undefined) throw toError(attempt);
      await wait(pause).catch(() => undefined);
      before = attempt;
    }
  };
}

interface AttemptResult extends Attempt, ApiAnswer {
  readonly credentials?: RequestCredentials;
  readonly isTooLarge?: boolean;
  readonly isAboutAnother?: boolean;
  /** Whether the signal ended it before its timeout. */
  readonly isCutOff?: boolean;
}

/** @param before - the previous attempt; its error says more than "cut off" */
function cutOff(message: string, before: AttemptResult | undefined): KubernetesError {
  return new KubernetesError(
    'cut-off',
    before ? `${message}; the attempt before: ${before.message}` : message,
  );
}

/** Without the query: the token of a page is long, and says nothing. */
function nameOf({ method, path }: ApiCall): string {
  return `${method} ${path.split('?', 1)[0]}`;
}

function isSuccess({ status }: ApiAnswer, { as }: ApiCall): boolean {
  return (status >= 200 && status < 300) || (status === 410 && as === 'PartialObjectMetadataList');
}

async function attemptOnce(
  { access, timeout, signal, clock }: ApiClientOptions,
  sender: Sender,
  call: ApiCall,
): Promise<AttemptResult> {
  // AbortSignal.timeout would keep a timer for each answered request until its timeout.
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let since = performance.now();
  let isPrepared = false;
  try {
    const prepared = await sender.prepare();
    isPrepared = true;
    since = performance.now();
    timer = setTimeout(() => late.abort(new DOMException('late', 'TimeoutError')), timeout);
    const end = AbortSignal.any([signal, late.signal]);
    const { status, headers, text } = await sender.send(call, prepared, end);
    const body = readBody(status, text);
    const retryAfterSeconds = secondsOf(headers['retry-after']);
    if (body === undefined) {
      const error = sender.errorOfProxy(status);
      if (error) return noAnswer(explainError(error, access));
      return noAnswer({ reason: foreignAnswer(status), retryAfterSeconds });
    }
    clock?.observe(headers.date);
    return {
      status,
      body,
      warnings: readWarnings(headers['warning']),
      message:
        typeof body.message === 'string' ? toOneLine(body.message) : `the API server answered ${status}`,
      retryAfterSeconds,
      isAboutAnother: isAboutAnother(body, call.path),
      credentials: prepared.credentials,
    };
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    if (signal.aborted) {
      const seconds = ((performance.now() - since) / 1_000).toFixed(1);
      const { plugin } = access.identity;
      const message =
        plugin && !isPrepared
          ? `${plugin.field}: ${plugin.exec.command} did not end within ${seconds} s`
          : `the API server did not answer ${nameOf(call)} within ${seconds} s`;
      return { status: 0, body: undefined, message: toOneLine(message), isCutOff: true };
    }
    if (name === 'TimeoutError' || code === 'ETIMEDOUT')
      return noAnswer({ reason: `no answer within ${timeout / 1_000} s`, isTimeout: true });
    if (error instanceof AnswerTooLarge)
      return { ...noAnswer({ reason: error.message, isPermanent: true }), isTooLarge: true };
    return noAnswer(explainError(error, access));
  } finally {
    clearTimeout(timer);
  }
}

function noAnswer({
  reason,
  ...facts
}: { readonly reason: string } & Pick<
  Attempt,
  'isTimeout' | 'isPermanent' | 'retryAfterSeconds'
>): AttemptResult {
  return {
    status: 0,
    body: undefined,
    message: `the request to the API server failed: ${toOneLine(reason)}`,
    ...facts,
  };
}

/** The reason for an answer that is not an object of Kubernetes. The API server itself answers 429 with a plain text. */
function foreignAnswer(status: number): string {
  return status === 429
    ? 'too many requests (429)'
    : `something that is not Kubernetes answered with status ${status}`;
}

function secondsOf(retryAfter: string | undefined): number | undefined {
  return retryAfter && Number.isFinite(Number(retryAfter)) ? Number(retryAfter) : undefined;
}

function toError(attempt: AttemptResult): KubernetesError {
  const { status, message, isTimeout, isTooLarge } = attempt;
  if (isTooLarge) return new KubernetesError('too-large', message);
  const isLate = isTimeout || status === 504 || /context deadline exceeded|Client\.Timeout/i.test(message);
  return new KubernetesError(failureOf(attempt), message, isLate);
}

function failureOf({ status, message, isAboutAnother }: AttemptResult): KubernetesFailure {
  if (isSecretAtFault({ status, message })) return 'secret-at-fault';
  if (isRefusal(message)) return 'webhook-refused';
  if (isFailedCall(message)) return 'webhook-failed';
  if (status === 404) return isAboutAnother ? 'unavailable' : 'not-found';
  if (status === 403) return 'forbidden';
  if (status === 401) return 'unauthorized';
  if (status === 422) return 'invalid';
  return 'unavailable';
}
