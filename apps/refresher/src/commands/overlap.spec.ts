import { startFakeApiServer, type FakeApiServer } from '@ecr-anywhere/kubernetes/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { webhookConfigurationsApi } from '../kubernetes/webhook-configurations.ts';
import { OVERLAP_CASES } from '../testing/overlap-cases.ts';
import { overlapOf } from './overlap.ts';

describe('two installations', () => {
  let server: FakeApiServer;

  beforeAll(async () => {
    server = await startFakeApiServer();
  });
  afterAll(() => server.stop());

  const configuration = (name: string, namespaceSelector: object) => ({
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [{ name: 'ecr-anywhere.centml.ai', namespaceSelector }],
  });

  it.each(OVERLAP_CASES)('are compared if $when', async ({ selector, other, overlaps }) => {
    const { getConfiguration } = webhookConfigurationsApi(server.call, 2);
    server.replies = [{ body: configuration('ecr-anywhere', selector) }, { body: other }];
    const own = await getConfiguration('ecr-anywhere');
    const found = await getConfiguration('other');
    const message = found && overlapOf(own!, found);
    if (overlaps === undefined) expect(message).toBeUndefined();
    else expect(message).toContain(overlaps);
  });

  it('are one if they have the same name', async () => {
    const { getConfiguration } = webhookConfigurationsApi(server.call, 2);
    server.replies = [{ body: configuration('a', {}) }];
    const own = (await getConfiguration('a'))!;
    expect(overlapOf(own, own)).toBeUndefined();
  });
});
