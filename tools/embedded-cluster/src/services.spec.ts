import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startEmbeddedCluster, type EmbeddedCluster } from './start-embedded-cluster.ts';
import { ApiClient } from './testing/api-client.ts';
import { eventually } from './testing/eventually.ts';
import { secret } from './testing/test-cluster.ts';
import { CONFIGURATIONS, startTestWebhook, type TestWebhook } from './testing/test-webhook.ts';

const SECRETS = '/api/v1/namespaces/default/secrets';

describe('a webhook behind a Service', () => {
  let cluster: EmbeddedCluster;
  let client: ApiClient;
  let webhook: TestWebhook;
  let other: TestWebhook | undefined;
  let names = 0;

  const configure = async (ca: string) => {
    const service = { namespace: 'system', name: 'hook', path: '/review' };
    await client.call('POST', CONFIGURATIONS, {
      metadata: { name: 'hook' },
      webhooks: [
        {
          name: 'hook.example.com',
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          clientConfig: { service, caBundle: Buffer.from(ca).toString('base64') },
          rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'] }],
        },
      ],
    });
  };
  const create = () => client.call('POST', SECRETS, secret(`s-${++names}`));
  const endpoint = ({ port }: TestWebhook, readyUrl?: string) => ({
    host: '127.0.0.1',
    port,
    ...(readyUrl !== undefined && { readyUrl }),
  });
  const failing =
    'Internal error occurred: failed calling webhook "hook.example.com": failed to call webhook: Post "https://hook.system.svc:443/review?timeout=10s": ';

  beforeEach(async () => {
    cluster = await startEmbeddedCluster();
    client = new ApiClient(cluster);
    webhook = await startTestWebhook(['hook.system.svc']);
    await configure(webhook.certificates.ca);
  });
  afterEach(async () => {
    client.close();
    await cluster.stop();
    await webhook.stop();
    await other?.stop();
    other = undefined;
  });

  it('is called by its name in the cluster', async () => {
    await cluster.service('system', 'hook', [endpoint(webhook)]);
    expect((await create()).status).toBe(201);
    expect(webhook.reviews[0]).toMatchObject({
      path: '/review?timeout=10s',
      headers: { host: 'hook.system.svc' },
    });
  });

  it('is missed where there is no Service, and where it has no endpoints', async () => {
    expect((await create()).body.message).toBe(`${failing}service "hook" not found`);
    await cluster.service('system', 'hook', []);
    expect((await create()).body.message).toBe(`${failing}no endpoints available for service "hook"`);
  });

  it('is only called while it is ready', async () => {
    let isReady = false;
    const probes = createServer((_, response) => response.writeHead(isReady ? 200 : 503).end());
    await new Promise<void>((listening) => probes.listen(0, '127.0.0.1', listening));
    const readyUrl = `http://127.0.0.1:${(probes.address() as AddressInfo).port}/readyz`;
    await cluster.service('system', 'hook', [endpoint(webhook, readyUrl)]);
    expect((await create()).body.message).toContain('no endpoints available');
    isReady = true;
    await eventually('the endpoint is taken in', async () => (await create()).status === 201);
    isReady = false;
    // A connection that is open stays where it is.
    const [{ connection } = {}] = webhook.reviews;
    connection?.destroy();
    await eventually('the endpoint is left out', async () => (await create()).status === 500);
    probes.close();
    probes.closeAllConnections();
  });

  it('shares new connections with its replicas', async () => {
    other = await startTestWebhook(['hook.system.svc']);
    const both = Buffer.from(`${webhook.certificates.ca}\n${other.certificates.ca}`).toString('base64');
    await client.call(
      'PATCH',
      `${CONFIGURATIONS}/hook`,
      [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: both }],
      { 'content-type': 'application/json-patch+json' },
    );
    await cluster.service('system', 'hook', [endpoint(webhook), endpoint(other)]);
    // Both hold their first answer back until the other one was asked, so that two connections are needed.
    const isAsked = () => webhook.reviews.length > 0 && (other?.reviews.length ?? 0) > 0;
    const together = async () => {
      await eventually('both are asked', isAsked);
      return { response: { allowed: true } };
    };
    webhook.answer(together);
    other.answer(together);
    const answers = await Promise.all([create(), create()]);
    expect(answers.map(({ status, body }) => [status, body.message])).toEqual([
      [201, undefined],
      [201, undefined],
    ]);
  });
});
