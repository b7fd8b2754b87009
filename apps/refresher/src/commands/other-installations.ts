import { WEBHOOK_NAME } from '@ecr-anywhere/secret-scan';
import type { WebhookConfigurations } from '../kubernetes/webhook-configurations.ts';
import { overlapOf } from './overlap.ts';

/**
 * Looks for another installation whose webhook may be called for the same Secrets.
 *
 * @param name - of the MutatingWebhookConfiguration of this installation
 * @returns a sentence about the first mistake; undefined if there is none
 * @throws {@link KubernetesError}
 */
export async function findOverlap(
  configurations: WebhookConfigurations,
  name: string,
): Promise<string | undefined> {
  const own = await configurations.getConfiguration(name);
  if (own === undefined)
    return `there is no MutatingWebhookConfiguration ${name} with the webhook ${WEBHOOK_NAME}: install the chart again`;
  for await (const listed of configurations.listNames()) {
    const other = await configurations.getConfiguration(listed.name);
    const overlap = other && overlapOf(own, other);
    if (overlap !== undefined) return overlap;
  }
  return undefined;
}
