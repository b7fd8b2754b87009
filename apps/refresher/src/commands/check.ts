import { setTimeout as sleep } from 'node:timers/promises';
import { KubernetesError } from '@ecr-anywhere/kubernetes';
import { annotation, ANNOTATIONS, LABELS, readTime } from '@ecr-anywhere/secret-scan';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { OutputFormat } from '../config/config.ts';
import type { OwnSecrets } from '../kubernetes/own-secrets.ts';
import type { WebhookConfigurations } from '../kubernetes/webhook-configurations.ts';
import { findOverlap } from './other-installations.ts';

/** What a check needs. */
export interface CheckOptions {
  readonly secrets: Pick<OwnSecrets, 'createSecret'>;
  /** An enabled namespace. Whoever created it deletes it afterwards, with the Secret. */
  readonly namespace: string;
  /** What to call the Secret. The webhook may refuse other names. */
  readonly name: string;
  /** The profiles that the Secret names, as its annotation has them; undefined: it names none. */
  readonly profile: string | undefined;
  readonly configurations: WebhookConfigurations;
  /** The MutatingWebhookConfiguration of this installation; undefined: other installations are not looked for. */
  readonly configuration: string | undefined;
  /** How long to wait until the API server calls the webhook: some seconds in a new installation. */
  readonly patience: Milliseconds;
  readonly pause?: Milliseconds;
  readonly clock: () => number;
  readonly signal: AbortSignal;
}

/** Whether the webhook filled the Secret, and a sentence about it. */
export interface CheckResult {
  readonly isFilled: boolean;
  readonly message: string;
  /** When the credentials end, in milliseconds since 1970. */
  readonly expiresAt?: number;
}

/** The result for people or for programs. */
export function checkText(
  result: CheckResult,
  { namespace, name }: Pick<CheckOptions, 'namespace' | 'name'>,
  output: OutputFormat,
): string {
  const { isFilled, message, expiresAt } = result;
  if (output === 'text') return message;
  return JSON.stringify({
    namespace,
    name,
    result: isFilled ? 'filled' : 'failed',
    message,
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
  });
}

/**
 * Looks for other installations that may fill the same Secrets. If there are none, it creates a Secret whose credentials are
 * the text `FAKE`. `FAKE` is not a Docker configuration: the API server refuses it unless the webhook has replaced it. So the
 * answer shows whether the webhook works without showing credentials.
 */
export async function check(options: CheckOptions): Promise<CheckResult> {
  const { secrets, namespace, name, profile, patience, pause = 1_000, clock, signal } = options;
  const mistake = await mistakeOf(options);
  if (mistake !== undefined) return { isFilled: false, message: mistake };
  const end = clock() + patience;
  for (;;) {
    try {
      const stored = await secrets.createSecret({
        namespace,
        name,
        labels: { [LABELS.managed]: 'true' },
        annotations: profile === undefined ? {} : { [ANNOTATIONS.profile]: profile },
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': 'FAKE' },
      });
      return judge(readTime(annotation(stored, 'expiresAt') ?? ''), profile);
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      if (!mayPass(error) || signal.aborted || clock() >= end) {
        const early = signal.aborted ? `stopped early (${String(signal.reason)}): ` : '';
        return { isFilled: false, message: early + explain(error) };
      }
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function mistakeOf({ configurations, configuration }: CheckOptions): Promise<string | undefined> {
  if (configuration === undefined) return undefined;
  try {
    return await findOverlap(configurations, configuration);
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    return `other installations could not be looked for: ${error.message}`;
  }
}

function judge(expiresAt: number | undefined, profile: string | undefined): CheckResult {
  if (expiresAt === undefined)
    return {
      isFilled: false,
      message: 'the Secret was filled, but not by ECR Anywhere: it has no expires_at annotation',
    };
  const until = new Date(expiresAt).toISOString();
  const whose = profile === undefined ? '' : ` with the profile ${profile}`;
  return {
    isFilled: true,
    expiresAt,
    message: `the webhook filled a Secret${whose}; its credentials are good until ${until}`,
  };
}

/** In a new installation, cert-manager may not have issued the certificate, or the API server may not call the webhook yet. */
function mayPass({ failure }: KubernetesError): boolean {
  return failure === 'webhook-failed' || failure === 'invalid';
}

function explain({ failure, message }: KubernetesError): string {
  switch (failure) {
    case 'webhook-failed':
      return `the API server could not call the webhook; check its pods and its certificate: ${message}`;
    case 'invalid':
      return `the Secret was not filled, because the API server does not call the webhook; check its MutatingWebhookConfiguration: ${message}`;
    default:
      return message;
  }
}
