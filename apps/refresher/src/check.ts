import { setTimeout as sleep } from 'node:timers/promises';
import { KubernetesError } from '@ecr-anywhere/kubernetes';
import { annotation, LABELS, readTime, type Milliseconds } from '@ecr-anywhere/secret-scan';
import type { Config } from './config.ts';
import type { Objects } from './objects.ts';

/** What a check works with. */
export interface CheckOptions {
  readonly objects: Objects;
  /** An enabled one, which is deleted afterwards with what was written there. */
  readonly namespace: string;
  /** How long the webhook may take to be called at all: a new installation needs some seconds. */
  readonly patience: Milliseconds;
  readonly pause?: Milliseconds;
  readonly clock: () => number;
  readonly signal: AbortSignal;
}

/** Whether a Secret was filled, and a sentence about it. */
export interface CheckResult {
  readonly isFilled: boolean;
  readonly message: string;
  /** When its credentials end, in milliseconds since 1970. */
  readonly expiresAt?: number;
}

const NAME = 'ecr-secret';

/** The result as people or programs read it. */
export function checkText(result: CheckResult, namespace: string, output: Config['output']): string {
  const { isFilled, message, expiresAt } = result;
  if (output === 'text') return message;
  return JSON.stringify({
    namespace,
    name: NAME,
    result: isFilled ? 'filled' : 'failed',
    message,
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
  });
}

/**
 * Writes the `FAKE` Secret. `FAKE` is no Docker configuration, so that the API server itself refuses it unless the webhook
 * has put credentials in; the answer need not show them.
 */
export async function check(options: CheckOptions): Promise<CheckResult> {
  const { objects, namespace, patience, pause = 1_000, clock, signal } = options;
  const end = clock() + patience;
  for (;;) {
    try {
      const stored = await objects.createSecret({
        metadata: { namespace, name: NAME, labels: { [LABELS.managed]: 'true' } },
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': 'FAKE' },
      });
      const expiresAt = readTime(annotation(stored, 'expiresAt') ?? '');
      return expiresAt === undefined
        ? { isFilled: false, message: 'the Secret was filled, but not by ECR Anywhere: it has no expires_at' }
        : {
            isFilled: true,
            expiresAt,
            message: `a labelled Secret was filled; its credentials are good until ${new Date(expiresAt).toISOString()}`,
          };
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (!mayPass(error) || signal.aborted || clock() >= end)
        return { isFilled: false, message: `${stopped(signal)}${explain(error)}` };
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}

function stopped(signal: AbortSignal): string {
  return signal.aborted ? `stopped early (${String(signal.reason)}): ` : '';
}

/** After an installation: cert-manager is still issuing, or the API server has not heard of the webhook. */
function mayPass({ failure }: KubernetesError): boolean {
  return failure === 'webhook-failed' || failure === 'invalid';
}

function explain({ failure, message }: KubernetesError): string {
  switch (failure) {
    case 'webhook-failed':
      return `the API server could not call the webhook; look at its pods and its certificate: ${message}`;
    case 'invalid':
      return `nobody filled the Secret: the API server does not call the webhook; look at its MutatingWebhookConfiguration: ${message}`;
    default:
      return message;
  }
}
