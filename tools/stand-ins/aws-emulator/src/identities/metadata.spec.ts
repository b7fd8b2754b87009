import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { fromContainerMetadata, fromInstanceMetadata } from '@aws-sdk/credential-providers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startStage, type Stage } from '../testing/clients.ts';

const INSTANCE = 'arn:aws:sts::111122223333:assumed-role/emulated-instance/i-0123456789abcdef0';
const TTL = 'x-aws-ec2-metadata-token-ttl-seconds';
const ROLES = '/latest/meta-data/iam/security-credentials/';

describe('metadata', () => {
  let stage: Stage;
  let ahead = 0;
  const environment = { ...process.env };
  beforeAll(async () => {
    stage = await startStage({ clock: () => Date.now() + ahead, region: 'eu-north-1' });
  });
  beforeEach(() => {
    ahead = 0;
  });
  afterEach(() => {
    process.env = { ...environment };
  });
  afterAll(() => stage.stop());

  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(`${stage.emulator.endpoint}${path}`, { method, headers });
  const session = async (ttl = '60') => {
    const answer = await get('/latest/api/token', { [TTL]: ttl }, 'PUT');
    return { 'x-aws-ec2-metadata-token': await answer.text() };
  };

  it("returns a container's credentials to the SDK, and AWS accepts them", async () => {
    const { url, token } = stage.emulator.container;
    process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = url;
    process.env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] = token;

    const credentials = await fromContainerMetadata()();

    await expect(stage.sts({ credentials }).send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
      Arn: INSTANCE,
    });
  });

  it('returns no credentials to a container without its token', async () => {
    const { url } = stage.emulator.container;

    expect((await fetch(url)).status).toBe(401);
    expect((await fetch(url, { headers: { authorization: 'guessed' } })).status).toBe(401);
  });

  it("returns an instance's credentials to the SDK, and AWS accepts them", async () => {
    process.env['AWS_EC2_METADATA_SERVICE_ENDPOINT'] = stage.emulator.endpoint;

    const credentials = await fromInstanceMetadata()();

    await expect(stage.sts({ credentials }).send(new GetCallerIdentityCommand({}))).resolves.toMatchObject({
      Arn: INSTANCE,
    });
  });

  it('returns the role and region of an instance', async () => {
    const headers = await session();

    expect(await (await get(ROLES, headers)).text()).toBe('emulated-instance');
    expect(await (await get('/latest/meta-data/placement/region', headers)).text()).toBe('eu-north-1');
    expect((await get('/latest/meta-data/hostname', headers)).status).toBe(404);
  });

  it('refuses an instance without a session, or with an expired one', async () => {
    expect((await get(ROLES)).status).toBe(401);
    expect((await get(ROLES, { 'x-aws-ec2-metadata-token': 'guessed' })).status).toBe(401);
    const headers = await session('60');
    ahead = 60_000;
    expect((await get(ROLES, headers)).status).toBe(401);
  });

  it.each(['', '0', '21601', 'long'])('starts no session of %j seconds', async (ttl) => {
    expect((await get('/latest/api/token', { [TTL]: ttl }, 'PUT')).status).toBe(400);
  });

  it('starts a session only with a PUT', async () => {
    expect((await get('/latest/api/token', { [TTL]: '60' })).status).toBe(405);
  });

  it('returns the same credentials until shortly before they expire', async () => {
    const keyId = async () => {
      const answer = await get(`${ROLES}emulated-instance`, await session());
      const { AccessKeyId, Expiration, Code } = (await answer.json()) as Record<string, string>;
      expect(Code).toBe('Success');
      expect(Date.parse(Expiration ?? '')).toBeGreaterThan(Date.now() + ahead);
      return AccessKeyId;
    };
    const first = await keyId();
    ahead = 5 * 3_600_000;
    expect(await keyId()).toBe(first);
    ahead = 6 * 3_600_000 - 60_000;
    expect(await keyId()).not.toBe(first);
  });
});
