/** AdmissionReviews of the README's Secret, each with its own uid, and with the annotations if there are any. */
export function reviews(
  count: number,
  annotationsOf?: (index: number) => Readonly<Record<string, string>>,
): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const uid = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
    const kind = { group: '', version: 'v1', kind: 'Secret' };
    const resource = { group: '', version: 'v1', resource: 'secrets' };
    const metadata = {
      name: `ecr-secret-${index}`,
      namespace: 'test',
      uid,
      creationTimestamp: '2026-01-02T03:04:05Z',
      labels: { 'ecr-anywhere.centml.ai/managed': 'true' },
      ...(annotationsOf && { annotations: annotationsOf(index) }),
      managedFields: [
        {
          manager: 'kubectl-client-side-apply',
          operation: 'Update',
          apiVersion: 'v1',
          time: '2026-01-02T03:04:05Z',
          fieldsType: 'FieldsV1',
          fieldsV1: {
            'f:data': { '.': {}, 'f:.dockerconfigjson': {} },
            'f:metadata': { 'f:labels': {} },
            'f:type': {},
          },
        },
      ],
    };
    return JSON.stringify({
      kind: 'AdmissionReview',
      apiVersion: 'admission.k8s.io/v1',
      request: {
        uid,
        kind,
        resource,
        requestKind: kind,
        requestResource: resource,
        name: metadata.name,
        namespace: 'test',
        operation: 'CREATE',
        userInfo: { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] },
        object: {
          kind: 'Secret',
          apiVersion: 'v1',
          metadata,
          type: 'kubernetes.io/dockerconfigjson',
          data: { '.dockerconfigjson': 'FAKE' },
        },
        oldObject: null,
        dryRun: false,
        options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
      },
    });
  });
}
