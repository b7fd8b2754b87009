import { randomUUID } from 'node:crypto';
import type { Resource } from '../objects/resource.ts';
import type { AdmissionRequest } from './admission.ts';
import { CallingWebhookError } from './calling-webhook-error.ts';
import type { MutatingWebhook } from './mutating-webhook.ts';

export type AdmissionReview = ReturnType<typeof admissionReview>;

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** The question to a webhook, with the fields of the API server in its order. */
export function admissionReview(webhook: MutatingWebhook, resource: Resource, request: AdmissionRequest) {
  const { operation, name, namespace, object, oldObject, options } = request;
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
      userInfo: {
        username: 'admin',
        groups: ['system:masters', 'system:authenticated'],
        extra: { 'authentication.kubernetes.io/credential-id': ['embedded-cluster'] },
      },
      object: typed(object),
      oldObject: typed(oldObject),
      dryRun: options.dryRun,
      options: {
        kind: OPTIONS[operation],
        apiVersion: 'meta.k8s.io/v1',
        ...(options.dryRun && { dryRun: ['All'] }),
        ...(options.fieldManager !== undefined && { fieldManager: options.fieldManager }),
      },
    },
  };
}

/** The first version that is known on both sides. */
function reviewVersion({ admissionReviewVersions = [] }: MutatingWebhook): string {
  const version = admissionReviewVersions.find((one) => one === 'v1' || one === 'v1beta1');
  if (version === undefined)
    throw new CallingWebhookError(
      'could not create admission objects: webhook does not accept known AdmissionReview versions (v1, v1beta1)',
    );
  return version;
}
