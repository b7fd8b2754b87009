import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startEmbeddedCluster, type EmbeddedCluster } from './start-embedded-cluster.ts';
import { ApiClient, type ApiBody, type ApiCall } from './testing/api-client.ts';
import { secret } from './testing/test-cluster.ts';
import { CONFIGURATIONS, startTestWebhook } from './testing/test-webhook.ts';

describe('a cluster that lists in the order of writes', () => {
  let cluster: EmbeddedCluster;
  let call: ApiCall;
  let close: () => Promise<void>;
  let secrets: string;
  let namespaces = 0;

  beforeAll(async () => {
    cluster = await startEmbeddedCluster({ listOrder: 'writes' });
    ({ call, close } = new ApiClient(cluster));
  });
  afterAll(async () => {
    await close();
    await cluster.stop();
  });
  beforeEach(async () => {
    const name = `spec-${++namespaces}`;
    await call('POST', '/api/v1/namespaces', { metadata: { name } });
    secrets = `/api/v1/namespaces/${name}/secrets`;
    for (const each of ['c', 'a', 'b', 'd']) await call('POST', secrets, secret(each));
  });

  const touch = (path: string) => call('PATCH', path, { metadata: { labels: { touched: `${Date.now()}` } } });
  const list = async (query: Record<string, string> = {}, path = secrets) =>
    (await call('GET', `${path}?${new URLSearchParams(query)}`)).body;
  const names = ({ items }: ApiBody) => items.map(({ metadata }) => metadata.name).join('');

  it('the latest write is the last item', async () => {
    expect(names(await list())).toBe('cabd');
    await touch(`${secrets}/c`);
    await touch(`${secrets}/b`);
    expect(names(await list())).toBe('adcb');
    await call('DELETE', `${secrets}/d`);
    await call('POST', secrets, secret('d'));
    expect(names(await list())).toBe('acbd');
  });

  it('a write that changes nothing does not change the order', async () => {
    await call('PATCH', `${secrets}/a`, { metadata: {} });
    await call('PATCH', `${secrets}/c?dryRun=All`, { metadata: { labels: { dry: 'run' } } });
    expect(names(await list())).toBe('cabd');
  });

  it('Secrets of all namespaces, and namespaces themselves, are in that order', async () => {
    const [, , , , first = ''] = secrets.split('/');
    await call('POST', '/api/v1/namespaces', { metadata: { name: 'a-later-one' } });
    await call('POST', '/api/v1/namespaces/a-later-one/secrets', secret('e'));
    await touch(`${secrets}/a`);
    expect(names(await list({}, '/api/v1/secrets'))).toMatch(/cbdea$/);
    await touch(`/api/v1/namespaces/${first}`);
    expect(names(await list({}, '/api/v1/namespaces'))).toMatch(new RegExp(`^default.*a-later-one${first}$`));
  });

  it('all pages show the same revision, even if Secrets move to the end in the meantime', async () => {
    const first = await list({ limit: '2' });
    expect([names(first), first.metadata.remainingItemCount]).toEqual(['ca', 2]);
    for (const name of ['a', 'b', 'c']) await touch(`${secrets}/${name}`);
    const second = await list({ limit: '1', continue: first.metadata.continue ?? '' });
    expect([names(second), second.metadata.remainingItemCount]).toEqual(['b', 1]);
    const third = await list({ limit: '1', continue: second.metadata.continue ?? '' });
    expect(names(third)).toBe('d');
    expect(third.metadata).not.toHaveProperty('continue');
  });

  it('the token of a 410 begins the list again', async () => {
    const first = await list({ limit: '2' });
    for (const name of ['a', 'c']) await touch(`${secrets}/${name}`);
    cluster.fault({ kind: 'expired-continue' }, { times: 1 });
    const expired = await call('GET', `${secrets}?limit=2&continue=${first.metadata.continue}`);
    expect([expired.status, expired.body.reason]).toEqual([410, 'Expired']);
    const anew = await list({ limit: '3', continue: expired.body.metadata.continue ?? '' });
    expect(names(anew)).toBe('bda');
    expect(names(await list({ continue: anew.metadata.continue ?? '' }))).toBe('c');
  });

  it('webhooks are still called in the order of the names of their configurations', async () => {
    const webhook = await startTestWebhook();
    const caBundle = Buffer.from(webhook.ca).toString('base64');
    for (const name of ['z', 'a'])
      await call('POST', CONFIGURATIONS, {
        metadata: { name },
        webhooks: [
          {
            name: `${name}.example.com`,
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            clientConfig: { url: `https://127.0.0.1:${webhook.port}/${name}`, caBundle },
            rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['secrets'] }],
          },
        ],
      });
    await call('POST', secrets, secret('reviewed'));
    for (const name of ['z', 'a']) await call('DELETE', `${CONFIGURATIONS}/${name}`);
    await webhook.stop();
    expect(webhook.reviews.map(({ path }) => path[1])).toEqual(['a', 'z']);
  });
});
