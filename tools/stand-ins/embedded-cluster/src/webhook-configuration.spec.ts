import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failure, startTestCluster, type TestCluster } from './testing/test-cluster.ts';
import { CONFIGURATIONS } from './testing/test-webhook.ts';

const WEBHOOK = {
  name: 'hook.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { url: 'https://127.0.0.1:1/' },
  rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'] }],
  // Matches nothing.
  namespaceSelector: { matchLabels: { none: 'such' } },
};

describe('a webhook configuration', () => {
  const name = `configuration-${process.pid}-${Date.now().toString(36)}`;
  let cluster: TestCluster;

  beforeAll(async () => {
    cluster = await startTestCluster();
  });
  afterAll(async () => {
    await cluster.call('DELETE', `${CONFIGURATIONS}/${name}`);
    await cluster.stop();
  });

  const manifest = (overrides: object = {}) => ({
    metadata: { name },
    webhooks: [{ ...WEBHOOK, ...overrides }],
  });

  it('has the defaults of the API server', async () => {
    const { status, body } = await cluster.call('POST', CONFIGURATIONS, manifest());
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'MutatingWebhookConfiguration',
      apiVersion: 'admissionregistration.k8s.io/v1',
      webhooks: [
        {
          ...WEBHOOK,
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
          reinvocationPolicy: 'Never',
          timeoutSeconds: 10,
          objectSelector: {},
          rules: [{ scope: '*' }],
        },
      ],
    });
  });

  it('can be replaced', async () => {
    const { body } = await cluster.call('GET', `${CONFIGURATIONS}/${name}`);
    const changed = { ...body, webhooks: [{ ...WEBHOOK, timeoutSeconds: 3 }] };
    const replaced = await cluster.call('PUT', `${CONFIGURATIONS}/${name}`, changed);
    expect(replaced.body['webhooks']).toMatchObject([{ timeoutSeconds: 3 }]);
    expect((await cluster.call('PUT', `${CONFIGURATIONS}/${name}`, changed)).status).toBe(409);
  });

  it('is listed', async () => {
    const { body } = await cluster.call('GET', `${CONFIGURATIONS}?fieldSelector=metadata.name=${name}`);
    expect(body.kind).toBe('MutatingWebhookConfigurationList');
    expect(body.items).toHaveLength(1);
  });

  it('is refused with a condition that the cluster does not understand', async () => {
    const matchConditions = [{ name: 'x', expression: 'object.metadata.name.nonsense(' }];
    const answer = await cluster.call('POST', `${CONFIGURATIONS}?dryRun=All`, manifest({ matchConditions }));
    expect(failure(answer)).toEqual([422, 'Invalid']);
    expect(answer.body.message).toContain('matchConditions');
  });
});
