import { randomUUID } from 'node:crypto';
import type { Resource } from '../objects/resource.ts';
import type { AdmissionRequest } from './admission-request.ts';
import type { MutatingWebhook } from './mutating-webhook.ts';

export type AdmissionReview = ReturnType<typeof admissionReview>;

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** The AdmissionReview that the API server sends. */
export function admissionReview(webhook: MutatingWebhook, resource: Resource, request: AdmissionRequest) {
  const { operation, name, namespace, object, oldObject, dryRun } = request;
  const kind = { group: resource.group, version: 'v1', kind: resource.kind };
  const plural = { group: resource.group, version: 'v1', resource: resource.plural };
  const typed = (value: object | undefined) =>
    value === undefined ? null : { kind: resource.kind, apiVersion: resource.apiVersion, ...value };
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${reviewVersion(webhook)}`,
    request: {
      uid: randomUUID() as string,
      kind,
      resource: plural,
      requestKind: kind,
      requestResource: plural,
      ...(name !== '' && { name }),
      namespace,
      operation,
      userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      object: typed(object),
      oldObject: typed(oldObject),
      dryRun,
      options: {
        kind: OPTIONS[operation],
        apiVersion: 'meta.k8s.io/v1',
        ...(dryRun && { dryRun: ['All'] }),
      },
    },
  };
}

/** The first version in the webhook's list that the API server knows. */
function reviewVersion({ admissionReviewVersions }: MutatingWebhook): string {
  return admissionReviewVersions.find((version) => version === 'v1' || version === 'v1beta1') ?? 'v1';
}
