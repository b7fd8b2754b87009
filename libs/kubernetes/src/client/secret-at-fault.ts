import { isOwnFailedCall, isOwnRefusal } from './webhook-errors.ts';

// Whether a write failed because of the Secret that it is about. Nobody but the owner of the Secret can help then.

/** Whether our webhook refused. It answers 422 if it can never fill this Secret. */
const isUnfillable = (status: number, message: string) => status === 422 && isOwnRefusal(message);

/** Whether the review of the Secret is larger than our webhook reads. The text is that of k8s.io/apimachinery, pkg/api/errors. */
export function isTooLargeForWebhook(message: string): boolean {
  return isOwnFailedCall(message) && message.includes('the server responded with the status code 413');
}

/** Whether etcd or its client refuses the Secret. The status is that of a temporary error. */
export function isTooLargeToStore(message: string): boolean {
  return /^(etcdserver: request is too large|rpc error: .*trying to send message larger than max)/.test(
    message,
  );
}

/** Whether the data or the annotations are too long with what the write adds. The text is that of k8s.io/apimachinery. */
const isTooLong = (status: number, message: string) =>
  status === 422 && /^Secret "[^"]*" is invalid: .*: Too long: /.test(message);

/** Whether the ValidatingAdmissionPolicy of the chart refused, because it would have too much to compare. */
const hasTooManyKeys = (status: number, message: string) =>
  status === 403 &&
  /^secrets "[^"]*" is forbidden: ValidatingAdmissionPolicy '[^']*' with binding '[^']*' denied request: the refresher may not change a Secret with more than 1000 keys/.test(
    message,
  );

export function isSecretAtFault({ status, message }: { readonly status: number; readonly message: string }) {
  return (
    isUnfillable(status, message) ||
    isTooLong(status, message) ||
    hasTooManyKeys(status, message) ||
    isTooLargeForWebhook(message) ||
    isTooLargeToStore(message)
  );
}
