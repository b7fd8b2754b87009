import type { KubernetesError, NamedMetadata } from '@ecr-anywhere/kubernetes';
import type { WebhookCall } from '@ecr-anywhere/run-report';
import { isFilledAgain, WEBHOOK_NAME } from '@ecr-anywhere/secret-scan';

/** How the API server's call of our webhook ended, as its answer to a mark shows. */
export function callOfAnswer(before: NamedMetadata, after: NamedMetadata): WebhookCall {
  return isFilledAgain(before, after) ? 'answered' : 'not_called';
}

/** The same for an error. Undefined if the error does not show it, for example because another webhook refused. */
export function callOfError({ message }: KubernetesError): WebhookCall | undefined {
  if (message.startsWith(`admission webhook "${WEBHOOK_NAME}" denied the request`)) return 'answered';
  return message.includes(`failed calling webhook "${WEBHOOK_NAME}"`) ? 'failed' : undefined;
}
