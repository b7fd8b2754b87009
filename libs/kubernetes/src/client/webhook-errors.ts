import { WEBHOOK_NAME } from '@ecr-anywhere/secret-scan';

// What the message of the API server's Status says about its call of a webhook.

/** Whether a webhook refused. The text is that of k8s.io/apiserver, pkg/admission/plugin/webhook/errors. */
export function isRefusal(message: string): boolean {
  return /^admission webhook "[^"]*" denied the request/.test(message);
}

/** Whether our webhook refused. */
export function isOwnRefusal(message: string): boolean {
  return message.startsWith(`admission webhook "${WEBHOOK_NAME}" denied the request`);
}

/** Whether the API server could not call a webhook. The text is that of k8s.io/apiserver, pkg/util/webhook. */
export function isFailedCall(message: string): boolean {
  return message.includes('failed calling webhook');
}

/** Whether the API server could not call our webhook. */
export function isOwnFailedCall(message: string): boolean {
  return message.includes(`failed calling webhook "${WEBHOOK_NAME}"`);
}
