import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import { KubernetesError, type KubernetesFailure } from './kubernetes-error.ts';
import { isFailedCall, isOwnRefusal, isRefusal, retryPause } from './retry.ts';
import type { ServerClock } from './server-clock.ts';

/** A request, by its path below the API server's URL. */
export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Asks for metadata alone: `PartialObjectMetadata` or its list. */
  readonly as: 'PartialObjectMetadata' | 'PartialObjectMetadataList';
  /** An object to POST, or a merge patch. */
  readonly content?: unknown;
}

/** An answer that succeeded, or to a list the 410 of an old continue token. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** How requests are made. */
export interface ApiClientOptions {
  readonly kubeConfig: KubeConfig;
  /** For one attempt. */
  readonly timeout: Milliseconds;
  readonly signal: AbortSignal;
  /** Told the time of each answer. */
  readonly clock?: ServerClock;
  readonly random?: () => number;
  /** Who asks, as the API server's audit log tells it. */
  readonly userAgent: string;
}

/** Makes requests with a kubeconfig's identity, again where the trouble is the API server's own and passes. */
export function apiClient(options: ApiClientOptions) {
  const { signal, random = Math.random } = options;
  return async (call: ApiCall): Promise<ApiAnswer> => {
    for (let count = 1; ; count++) {
      const attempt = await once(options, call);
      if (isAnswer(attempt, call)) return attempt;
      const pause = signal.aborted ? undefined : retryPause(attempt, count, random());
      if (pause === undefined) throw toError(attempt);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  };
}

interface Attempted extends ApiAnswer {
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
  readonly isTimeout?: boolean;
}

function isAnswer({ status }: ApiAnswer, { as }: ApiCall): boolean {
  return (status >= 200 && status < 300) || (status === 410 && as === 'PartialObjectMetadataList');
}

async function once(
  { kubeConfig, userAgent, timeout, signal, clock }: ApiClientOptions,
  call: ApiCall,
): Promise<Attempted> {
  const access = await accessOf(kubeConfig);
  if (access === undefined) return noAnswer('the credentials of the kubeconfig could not be had');
  // Not AbortSignal.timeout: thousands of answered requests would each keep a timer for half a minute.
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new DOMException('late', 'TimeoutError')), timeout);
  try {
    const { status, headers, text } = await send(
      kubeConfig,
      access,
      userAgent,
      call,
      AbortSignal.any([signal, late.signal]),
    );
    const body = parse(text);
    if (!isKubernetes(body, call))
      return noAnswer(`something that is not Kubernetes answered, with ${status}`);
    clock?.observe(headers.date);
    const retryAfter = Number(headers['retry-after']);
    return {
      status,
      body,
      message: typeof body.message === 'string' ? oneLine(body.message) : `the API server answered ${status}`,
      retryAfterSeconds: Number.isFinite(retryAfter) && headers['retry-after'] ? retryAfter : undefined,
    };
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException;
    const isTimeout = name === 'TimeoutError' || code === 'ETIMEDOUT';
    if (signal.aborted) return noAnswer(signal.reason instanceof Error ? signal.reason.message : 'aborted');
    return noAnswer(isTimeout ? `no answer within ${timeout / 1_000} s` : (code ?? name), isTimeout);
  } finally {
    clearTimeout(timer);
  }
}

function noAnswer(why: string, isTimeout = false): Attempted {
  const message = `the API server could not be asked: ${why}`;
  return { status: 0, body: undefined, message, isTimeout };
}

/** A proxy's login page has a status too, and would pass for an empty list. */
function isKubernetes(body: unknown, { as }: ApiCall): body is { message?: unknown } {
  const { kind } = (typeof body === 'object' && body !== null ? body : {}) as { kind?: unknown };
  return kind === as || kind === 'Status';
}

const LONGEST_MESSAGE = 1_000;

/** What others say goes into a last line that programs read. */
function oneLine(message: string): string {
  return message.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, LONGEST_MESSAGE);
}

interface Access extends RequestOptions {
  headers?: Record<string, string>;
}

/** Each time: token files rotate, and exec plugins renew. Undefined where that fails; why may quote what a plugin printed. */
async function accessOf(kubeConfig: KubeConfig): Promise<Access | undefined> {
  const access: Access = {};
  try {
    await kubeConfig.applyToHTTPSOptions(access);
  } catch {
    return undefined;
  }
  // The agent inside is made once, but without keep-alive: a handshake for each request.
  Object.assign(access.agent ?? {}, { keepAlive: true });
  return access;
}

async function send(
  kubeConfig: KubeConfig,
  access: Access,
  userAgent: string,
  { method, path, as, content }: ApiCall,
  signal: AbortSignal,
) {
  const url = new URL((kubeConfig.getCurrentCluster()?.server ?? '').replace(/\/$/, '') + path);
  const body = content === undefined ? undefined : JSON.stringify(content);
  const headers = {
    ...access.headers,
    accept: `application/json;as=${as};g=meta.k8s.io;v=v1`,
    'user-agent': userAgent,
    ...(body !== undefined && {
      'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    }),
  };
  return new Promise<{ status: number; headers: IncomingMessage['headers']; text: string }>(
    (resolve, reject) => {
      const request = url.protocol === 'http:' ? httpRequest : httpsRequest;
      const outgoing = request(url, { ...access, method, headers, signal }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        );
      });
      outgoing.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : error));
      outgoing.end(body);
    },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toError({ status, message, isTimeout }: Attempted): KubernetesError {
  const isLate = isTimeout || status === 504 || /context deadline exceeded|Client\.Timeout/i.test(message);
  return new KubernetesError(failureOf(status, message), message, isLate);
}

function failureOf(status: number, message: string): KubernetesFailure {
  if (status === 422 && isOwnRefusal(message)) return 'secret-at-fault';
  if (isRefusal(message)) return 'webhook-refused';
  if (isFailedCall(message)) return 'webhook-failed';
  if (status === 404) return 'not-found';
  if (status === 403) return 'forbidden';
  if (status === 401) return 'unauthorized';
  if (status === 422) return 'invalid';
  return 'unavailable';
}
