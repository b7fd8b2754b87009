import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import { explainError } from '../connection/explain-error.ts';
import type { Shown } from '../credentials/credentials.ts';
import type { Access } from '../kubeconfig/access.ts';
import type { ApiAnswer, ApiCall, ApiClient } from './api-call.ts';
import { isAboutAnother, readBody } from './kubernetes-body.ts';
import { KubernetesError, type KubernetesFailure } from './kubernetes-error.ts';
import { oneLine } from './one-line.ts';
import { isFailedCall, isOwnRefusal, isRefusal, retryPause, type Attempt } from './retry.ts';
import { AnswerTooLarge, sender, type Sender } from './sender.ts';
import type { ServerClock } from './server-clock.ts';
import { readWarnings } from './warnings.ts';

/** How requests are made. */
export interface ApiClientOptions {
  readonly access: Access;
  /** Who asks, as the API server's audit log tells it. */
  readonly userAgent: string;
  /** For one attempt. */
  readonly timeout: Milliseconds;
  /** Ends requests, and a plugin that prints credentials. */
  readonly signal: AbortSignal;
  /** Told the time of each answer. */
  readonly clock?: ServerClock;
  readonly random?: () => number;
  /** Between attempts. */
  readonly wait?: (pause: Milliseconds) => Promise<unknown>;
  /** Whether a plugin may ask somebody; by default, where standard input is a terminal. */
  readonly isTerminal?: boolean;
}

/**
 * Makes requests with the identity of an {@link Access}, again where the trouble is the API server's own and passes, or
 * where other credentials can be had in place of those that it did not take.
 *
 * @throws the requests throw {@link KubernetesError}
 */
export function apiClient(options: ApiClientOptions): ApiClient {
  const { signal, random = Math.random, isTerminal = isatty(0) } = options;
  const { wait = (pause) => sleep(pause, undefined, { signal }) } = options;
  const client = sender({ ...options, isTerminal });
  return async (call) => {
    let before: Attempted | undefined;
    for (let count = 1; ; count++) {
      if (signal.aborted) throw cutOff(`no time was left for ${nameOf(call)}`, before);
      let attempt = await once(options, client, call);
      const { status, shown } = attempt;
      if (status === 401 && shown && client.refused(shown)) attempt = await once(options, client, call);
      if (isAnswer(attempt, call)) return attempt;
      if (attempt.isCutOff) throw cutOff(attempt.message, before);
      const pause = retryPause(attempt, count, random());
      if (pause === undefined) throw toError(attempt);
      await wait(pause).catch(() => undefined);
      before = attempt;
    }
  };
}

interface Attempted extends Attempt, ApiAnswer {
  readonly shown?: Shown;
  readonly isTooLarge?: boolean;
  readonly isAboutAnother?: boolean;
  /** Whether it would have been waited for longer, but for the signal. */
  readonly isCutOff?: boolean;
}

/** @param before - the attempt before it, which tells more than that the last one took its time */
function cutOff(awaited: string, before: Attempted | undefined): KubernetesError {
  return new KubernetesError(
    'cut-off',
    before ? `${awaited}; the attempt before: ${before.message}` : awaited,
  );
}

/** Without the query: a page's token is long, and tells nothing. */
function nameOf({ method, path }: ApiCall): string {
  return `${method} ${path.split('?', 1)[0]}`;
}

function isAnswer({ status }: ApiAnswer, { as }: ApiCall): boolean {
  return (status >= 200 && status < 300) || (status === 410 && as === 'PartialObjectMetadataList');
}

async function once(
  { access, timeout, signal, clock }: ApiClientOptions,
  client: Sender,
  call: ApiCall,
): Promise<Attempted> {
  // Not AbortSignal.timeout: thousands of answered requests would each keep a timer for half a minute.
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let since = performance.now();
  let isReady = false;
  try {
    const ready = await client.prepare();
    isReady = true;
    since = performance.now();
    timer = setTimeout(() => late.abort(new DOMException('late', 'TimeoutError')), timeout);
    const { status, headers, text } = await client.send(call, ready, AbortSignal.any([signal, late.signal]));
    const body = readBody(status, text);
    const retryAfterSeconds = secondsOf(headers['retry-after']);
    if (body === undefined) {
      const error = client.answeredByProxy(status);
      if (error) return noAnswer(explainError(error, access));
      return noAnswer({ reason: strangeAnswer(status), retryAfterSeconds });
    }
    clock?.observe(headers.date);
    return {
      status,
      body,
      warnings: readWarnings(headers['warning']),
      message: typeof body.message === 'string' ? oneLine(body.message) : `the API server answered ${status}`,
      retryAfterSeconds,
      isAboutAnother: isAboutAnother(body, call.path),
      shown: ready.shown,
    };
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    if (signal.aborted) {
      const seconds = ((performance.now() - since) / 1_000).toFixed(1);
      const { plugin } = access.identity;
      const message =
        plugin && !isReady
          ? `${plugin.field}: ${plugin.exec.command} did not end within ${seconds} s`
          : `the API server did not answer ${nameOf(call)} within ${seconds} s`;
      return { status: 0, body: undefined, message: oneLine(message), isCutOff: true };
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
>): Attempted {
  return {
    status: 0,
    body: undefined,
    message: `the API server could not be asked: ${oneLine(reason)}`,
    ...facts,
  };
}

/** The API server's own 429 is a plain text, too. */
function strangeAnswer(status: number): string {
  return status === 429
    ? 'too many requests (429)'
    : `something that is not Kubernetes answered, with ${status}`;
}

function secondsOf(retryAfter: string | undefined): number | undefined {
  return retryAfter && Number.isFinite(Number(retryAfter)) ? Number(retryAfter) : undefined;
}

function toError(attempt: Attempted): KubernetesError {
  const { status, message, isTimeout, isTooLarge } = attempt;
  if (isTooLarge) return new KubernetesError('too-large', message);
  const isLate = isTimeout || status === 504 || /context deadline exceeded|Client\.Timeout/i.test(message);
  return new KubernetesError(failureOf(attempt), message, isLate);
}

function failureOf({ status, message, isAboutAnother }: Attempted): KubernetesFailure {
  if (status === 422 && isOwnRefusal(message)) return 'secret-at-fault';
  if (isRefusal(message)) return 'webhook-refused';
  if (isFailedCall(message)) return 'webhook-failed';
  if (status === 404) return isAboutAnother ? 'unavailable' : 'not-found';
  if (status === 403) return 'forbidden';
  if (status === 401) return 'unauthorized';
  if (status === 422) return 'invalid';
  return 'unavailable';
}
