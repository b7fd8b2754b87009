import {
  isOwnFailedCall,
  isOwnRefusal,
  isTooLargeForWebhook,
  type KubernetesError,
  type NamedMetadata,
} from '@ecr-anywhere/kubernetes';
import type { WebhookCall } from '@ecr-anywhere/run-report';
import { isFilledAgain } from '@ecr-anywhere/secret-scan';

/** How the API server's call of our webhook ended, as its answer to a mark shows. */
export function callOfAnswer(before: NamedMetadata, after: NamedMetadata): WebhookCall {
  return isFilledAgain(before, after) ? 'answered' : 'not_called';
}

/** The same for an error. Undefined if the error does not show it, for example because another webhook refused. */
export function callOfError({ message }: KubernetesError): WebhookCall | undefined {
  if (isOwnRefusal(message) || isTooLargeForWebhook(message)) return 'answered';
  return isOwnFailedCall(message) ? 'failed' : undefined;
}
