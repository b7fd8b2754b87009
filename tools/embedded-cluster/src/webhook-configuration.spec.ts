import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestCluster, type TestCluster } from './testing/test-cluster.ts';
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
      metadata: { generation: 1 },
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

  it('counts the generations of its content, not of its labels', async () => {
    const { body } = await cluster.call('PATCH', `${CONFIGURATIONS}/${name}`, {
      metadata: { labels: { a: 'b' } },
    });
    expect(body.metadata).toMatchObject({ generation: 1, labels: { a: 'b' } });
    const changed = { ...body, webhooks: [{ ...WEBHOOK, timeoutSeconds: 3 }] };
    const replaced = await cluster.call('PUT', `${CONFIGURATIONS}/${name}`, changed);
    expect(replaced.body.metadata).toMatchObject({ generation: 2 });
    expect((await cluster.call('PUT', `${CONFIGURATIONS}/${name}`, changed)).status).toBe(409);
  });

  it('is listed', async () => {
    const { body } = await cluster.call('GET', `${CONFIGURATIONS}?fieldSelector=metadata.name=${name}`);
    expect(body.kind).toBe('MutatingWebhookConfigurationList');
    expect(body.items).toHaveLength(1);
  });

  it.each([
    [{ clientConfig: {} }, 'clientConfig: Required value: exactly one of url or service is required'],
    [
      { clientConfig: { url: 'http://x/y' } },
      'clientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
    ],
    [
      { clientConfig: { url: 'https://x/y?z=1' } },
      'clientConfig.url: Invalid value: "z=1": query parameters are not permitted in the URL',
    ],
    [
      { admissionReviewVersions: [] },
      'admissionReviewVersions: Required value: must specify one of v1, v1beta1',
    ],
    [
      { admissionReviewVersions: ['v2'] },
      'admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1',
    ],
    [{ sideEffects: undefined }, 'sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    [
      { failurePolicy: 'Maybe' },
      'failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"',
    ],
    [
      { timeoutSeconds: 31 },
      'timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
    ],
    [
      { name: 'short' },
      'name: Invalid value: "short": should be a domain with at least three segments separated by dots',
    ],
    [
      { rules: [{ ...WEBHOOK.rules[0], operations: ['GET'] }] },
      'rules[0].operations[0]: Unsupported value: "GET": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
    ],
  ])('is refused with %j', async (overrides, why) => {
    const { status, body } = await cluster.call('POST', `${CONFIGURATIONS}?dryRun=All`, manifest(overrides));
    expect([status, body.message]).toEqual([
      422,
      `MutatingWebhookConfiguration.admissionregistration.k8s.io "${name}" is invalid: webhooks[0].${why}`,
    ]);
  });

  it('is refused with a condition that is not understood, rather than misunderstood', async () => {
    const matchConditions = [{ name: 'x', expression: 'object.metadata.name.nonsense(' }];
    const { status, body } = await cluster.call(
      'POST',
      `${CONFIGURATIONS}?dryRun=All`,
      manifest({ matchConditions }),
    );
    expect(status).toBe(422);
    expect(body.message).toContain('webhooks[0].matchConditions[0].expression: Invalid value');
  });
});
