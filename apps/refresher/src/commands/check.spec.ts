import { metadata, startFakeApiServer, status, type FakeApiServer } from '@ecr-anywhere/kubernetes/testing';
import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { check, checkText } from './check.ts';
import { ownSecretsApi } from '../kubernetes/own-secrets.ts';
import { webhookConfigurationsApi } from '../kubernetes/webhook-configurations.ts';

const filled = metadata(
  {
    namespace: 'check-1',
    name: 'ecr-secret',
    annotations: { [ANNOTATIONS.expiresAt]: '2026-01-02T15:04:05.678Z' },
  },
  201,
);
const notCalled = status(
  500,
  'Internal error occurred: failed calling webhook "ecr-anywhere.centml.ai": no route',
);
const notFilled = status(422, 'Secret "ecr-secret" is invalid: data[.dockerconfigjson]: Invalid value');

const PLACE = { namespace: 'check-1', name: 'ecr-secret' };

describe('the check of an installation', () => {
  let server: FakeApiServer;
  let now: number;

  beforeEach(async () => {
    server = await startFakeApiServer();
    now = 0;
  });
  afterEach(() => server.stop());

  const checked = (signal = new AbortController().signal, configuration?: string, profile?: string) =>
    check({
      secrets: ownSecretsApi(server.call),
      namespace: 'check-1',
      name: 'ecr-secret',
      configurations: webhookConfigurationsApi(server.call, 2),
      configuration,
      profile,
      patience: 3,
      pause: 1,
      clock: () => now++,
      signal,
    });
  const asked = () => server.seen.map(({ method, url }) => `${method} ${url.pathname}`);

  it('writes a FAKE Secret into the namespace, and says until when its credentials are good', async () => {
    server.replies = [filled];
    expect(await checked()).toEqual({
      isFilled: true,
      expiresAt: Date.parse('2026-01-02T15:04:05.678Z'),
      message: 'the webhook filled a Secret; its credentials are good until 2026-01-02T15:04:05.678Z',
    });
    expect(asked()).toEqual(['POST /api/v1/namespaces/check-1/secrets']);
    expect(JSON.parse(server.seen[0]?.body ?? '').data).toEqual({ '.dockerconfigjson': 'FAKE' });
  });

  it('lets the Secret name a profile only if there is one to name, and says which', async () => {
    server.replies = [filled, filled];
    await checked();
    expect((await checked(undefined, undefined, 'team-a')).message).toContain('with the profile team-a; ');
    const written = server.seen.map(({ body }) => JSON.parse(body).metadata.annotations);
    expect(written).toEqual([{}, { [ANNOTATIONS.profile]: 'team-a' }]);
  });

  it('prints a sentence, or with --output json an object', async () => {
    server.replies = [filled];
    const result = await checked();
    expect(JSON.parse(checkText(result, PLACE, 'json'))).toEqual({
      namespace: 'check-1',
      name: 'ecr-secret',
      result: 'filled',
      expiresAt: '2026-01-02T15:04:05.678Z',
      message: expect.stringContaining('the webhook filled a Secret'),
    });
    expect(checkText(result, PLACE, 'text')).toBe(result.message);
    const failed = { isFilled: false, message: 'why' };
    expect(checkText(failed, PLACE, 'json')).toBe(
      '{"namespace":"check-1","name":"ecr-secret","result":"failed","message":"why"}',
    );
  });

  it('fails if the answer is another Secret', async () => {
    server.replies = [metadata({ namespace: 'check-1', name: 'other' })];
    expect(await checked()).toEqual({
      isFilled: false,
      message: expect.stringContaining('cannot be used: it contains another object, other'),
    });
  });

  it('never asks for the data of the Secret', async () => {
    server.replies = [filled];
    await checked();
    for (const { accept } of server.seen) expect(accept).toContain('as=PartialObjectMetadata');
  });

  it('waits until the API server calls the webhook of a new installation', async () => {
    server.replies = [notFilled, notCalled, filled];
    expect((await checked()).isFilled).toBe(true);
  });

  it.each([
    ['could not call the webhook; check its pods and its certificate', notCalled],
    ['the Secret was not filled', notFilled],
  ])('says after its patience: %s', async (message, reply) => {
    server.replies = [reply, reply, reply];
    const result = await checked();
    expect(result).toMatchObject({ isFilled: false, message: expect.stringContaining(message) });
  });

  it('reports a refusal by the webhook at once', async () => {
    const reason =
      'admission webhook "ecr-anywhere.centml.ai" denied the request: ECR Anywhere could not get an ECR token';
    server.replies = [status(403, reason)];
    expect(await checked()).toEqual({ isFilled: false, message: reason });
  });

  describe('of several in a cluster', () => {
    const PATH = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
    const names = (...listed: string[]) => ({
      body: { kind: 'PartialObjectMetadataList', items: listed.map((name) => ({ metadata: { name } })) },
    });
    const configuration = (name: string, team: string) => ({
      body: {
        kind: 'MutatingWebhookConfiguration',
        metadata: { name },
        webhooks: [{ name: 'ecr-anywhere.centml.ai', namespaceSelector: { matchLabels: { team } } }],
      },
    });
    const beside = () => checked(undefined, 'ours');

    it('compares its webhook configuration with all others, and then writes the Secret', async () => {
      const own = configuration('ours', 'a');
      const gone = status(404, 'mutatingwebhookconfigurations "gone" not found');
      server.replies = [
        own,
        names('gone', 'ours', 'theirs'),
        gone,
        own,
        configuration('theirs', 'b'),
        filled,
      ];
      expect(await beside()).toMatchObject({ isFilled: true });
      expect(asked()).toEqual([
        `GET ${PATH}/ours`,
        `GET ${PATH}`,
        `GET ${PATH}/gone`,
        `GET ${PATH}/ours`,
        `GET ${PATH}/theirs`,
        'POST /api/v1/namespaces/check-1/secrets',
      ]);
      const whole = server.seen.filter(({ accept }) => accept === 'application/json');
      expect(whole.map(({ url }) => url.pathname)).toEqual(
        ['ours', 'gone', 'ours', 'theirs'].map((name) => `${PATH}/${name}`),
      );
    });

    it('fails if another one may fill the same Secrets, and writes none', async () => {
      server.replies = [configuration('ours', 'a'), names('theirs'), configuration('theirs', 'a')];
      expect(await beside()).toEqual({
        isFilled: false,
        message: expect.stringMatching(
          /^the MutatingWebhookConfiguration theirs may select the same namespaces as ours: /,
        ),
      });
      expect(asked().at(-1)).toBe(`GET ${PATH}/theirs`);
    });

    it('fails if its own webhook configuration is missing: another one might fill the Secret', async () => {
      server.replies = [status(404, 'mutatingwebhookconfigurations "ours" not found')];
      expect(await beside()).toEqual({
        isFilled: false,
        message: expect.stringContaining('there is no MutatingWebhookConfiguration ours'),
      });
    });

    it.each([
      ['may not be read', status(403, 'cannot get'), 'cannot get'],
      ['is another object', configuration('theirs', 'a'), 'expected this MutatingWebhookConfiguration'],
    ])('fails if a webhook configuration %s', async (_, reply, message) => {
      server.replies = [reply];
      expect((await beside()).message).toMatch(
        new RegExp(`^other installations could not be looked for: .*${message}`),
      );
    });
  });

  it('stops waiting on SIGTERM', async () => {
    server.replies = [notCalled];
    expect(await checked(AbortSignal.abort('SIGTERM'))).toEqual({
      isFilled: false,
      message: expect.stringMatching(/^stopped early \(SIGTERM\): .*could not call the webhook/),
    });
  });
});
