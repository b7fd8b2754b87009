import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startStage, type Stage } from '../testing/clients.ts';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}
interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

describe('the registry', () => {
  let stage: Stage;
  let authorization: string;
  let ahead = 0;
  beforeAll(async () => {
    stage = await startStage({ clock: () => Date.now() + ahead });
    authorization = await basicOf({});
  });
  beforeEach(() => {
    ahead = 0;
  });
  afterAll(() => stage.stop());

  const basicOf = async (options: Parameters<Stage['ecr']>[0]) => {
    const { authorizationData } = await stage.ecr(options).send(new GetAuthorizationTokenCommand({}));
    return `Basic ${authorizationData?.[0]?.authorizationToken}`;
  };
  const get = (path: string, headers: Record<string, string> = { authorization }, method = 'GET') =>
    fetch(`${stage.emulator.registryUrl}${path}`, { method, headers });
  /** Sets the Host header, which fetch does not allow. */
  const statusAt = (host: string, path: string, token: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(
        `${stage.emulator.registryUrl}${path}`,
        { headers: { host, authorization: token } },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        },
      )
        .on('error', reject)
        .end();
    });
  const pull = async (reference: string) => (await get(`/v2/team/app/manifests/${reference}`)) as Response;

  it('accepts a token from ECR', async () => {
    const answer = await get('/v2/');

    expect(answer.status).toBe(200);
    expect(answer.headers.get('docker-distribution-api-version')).toBe('registry/2.0');
  });

  it.each([
    ['no credentials', {}],
    ['a made-up password', { authorization: `Basic ${Buffer.from('AWS:made-up').toString('base64')}` }],
    ['another scheme', { authorization: 'Bearer x' }],
  ])('refuses %s, with a challenge', async (_what, headers) => {
    const answer = await get('/v2/', headers);

    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(
      /^Basic realm="https:\/\/127\.0\.0\.1:\d+\/",service="ecr\.amazonaws\.com"$/,
    );
    expect(await answer.json()).toEqual({ errors: [{ code: 'UNAUTHORIZED', message: 'Not Authorized' }] });
  });

  it('refuses the right password with another user name', async () => {
    const password = Buffer.from(authorization.slice(6), 'base64').toString().slice('AWS:'.length);
    const other = Buffer.from(`root:${password}`).toString('base64');

    expect((await get('/v2/', { authorization: `Basic ${other}` })).status).toBe(401);
  });

  it('refuses an expired token', async () => {
    ahead = 12 * 3_600_000 - 10_000;
    expect((await get('/v2/')).status).toBe(200);
    ahead = 12 * 3_600_000 + 1_000;
    const answer = await get('/v2/');

    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({
      errors: [{ code: 'DENIED', message: expect.stringContaining('has expired') }],
    });
  });

  it("accepts only tokens of the registry's own region and account", async () => {
    const path = '/v2/team/app/manifests/latest';
    const irish = await basicOf({ region: 'eu-west-1' });

    expect(await statusAt('111122223333.dkr.ecr.us-east-1.amazonaws.com', path, authorization)).toBe(200);
    expect(await statusAt('111122223333.dkr.ecr.eu-west-1.amazonaws.com', path, irish)).toBe(200);
    expect(await statusAt('111122223333.dkr-ecr.eu-west-1.on.aws', path, irish)).toBe(200);
    expect(await statusAt('111122223333.dkr.ecr.us-east-1.amazonaws.com', path, irish)).toBe(401);
    expect(await statusAt('444455556666.dkr.ecr.us-east-1.amazonaws.com', path, authorization)).toBe(403);
  });

  it('takes the registry from the parameter of containerd, if the request comes through a mirror', async () => {
    const path = '/v2/team/app/manifests/latest';
    const at = async (registry: string) => (await get(`${path}?ns=${registry}`)).status;

    expect(await at('111122223333.dkr.ecr.us-east-1.amazonaws.com')).toBe(200);
    expect(await at('111122223333.dkr.ecr.eu-west-1.amazonaws.com')).toBe(401);
    expect(await at('444455556666.dkr.ecr.us-east-1.amazonaws.com')).toBe(403);
  });

  it('sends a challenge for a HEAD request too, because a pull begins with one', async () => {
    const answer = await get('/v2/team/app/manifests/latest', {}, 'HEAD');

    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  });

  it('serves an image with the right digests and sizes', async () => {
    const answer = await pull('latest');
    const bytes = Buffer.from(await answer.clone().arrayBuffer());
    const manifest = (await answer.json()) as Manifest;

    expect(answer.headers.get('content-type')).toBe('application/vnd.oci.image.manifest.v1+json');
    expect(answer.headers.get('docker-content-digest')).toBe(digestOf(bytes));
    for (const { digest, size } of [manifest.config, ...manifest.layers]) {
      const blob = Buffer.from(await (await get(`/v2/team/app/blobs/${digest}`)).arrayBuffer());
      expect(digestOf(blob)).toBe(digest);
      expect(blob).toHaveLength(size);
    }
  });

  it('serves a layer whose unpacked digest is in the configuration', async () => {
    const manifest = (await (await pull('latest')).json()) as Manifest;
    const blob = async ({ digest }: Descriptor) =>
      Buffer.from(await (await get(`/v2/team/app/blobs/${digest}`)).arrayBuffer());
    const config = JSON.parse((await blob(manifest.config)).toString()) as {
      rootfs: { diff_ids: string[] };
    };
    const tar = gunzipSync(await blob(manifest.layers[0]!));

    expect(config.rootfs.diff_ids).toEqual([digestOf(tar)]);
    const header = tar.subarray(0, 512);
    const blanked = Buffer.concat([
      header.subarray(0, 148),
      Buffer.from(' '.repeat(8)),
      header.subarray(156),
    ]);
    expect(parseInt(header.subarray(148, 154).toString(), 8)).toBe(
      blanked.reduce((sum, byte) => sum + byte, 0),
    );
    const length = parseInt(header.subarray(124, 135).toString(), 8);
    expect(tar.subarray(512, 512 + length).toString()).toBe('Pulled with a token that was fresh.\n');
  });

  it('serves the manifest by its digest, and not by another digest', async () => {
    const digest = (await pull('latest')).headers.get('docker-content-digest') ?? '';

    expect((await pull(digest)).status).toBe(200);
    const unknown = await pull(`sha256:${'0'.repeat(64)}`);
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ errors: [{ code: 'MANIFEST_UNKNOWN' }] });
  });

  it('answers HEAD requests with the size and digest of a manifest or blob', async () => {
    const manifest = await pull('latest');
    const { layers } = (await manifest.clone().json()) as Manifest;

    for (const path of ['manifests/latest', `blobs/${layers[0]?.digest}`]) {
      const whole = await get(`/v2/team/app/${path}`);
      const head = await get(`/v2/team/app/${path}`, { authorization }, 'HEAD');
      expect(head.status).toBe(200);
      expect(head.headers.get('content-length')).toBe(String((await whole.arrayBuffer()).byteLength));
      expect(head.headers.get('docker-content-digest')).toBe(whole.headers.get('docker-content-digest'));
      expect(await head.text()).toBe('');
    }
  });

  it('refuses pushes', async () => {
    const answer = await get('/v2/team/app/manifests/latest', { authorization }, 'PUT');

    expect(answer.status).toBe(405);
    expect(await answer.json()).toMatchObject({ errors: [{ code: 'UNSUPPORTED' }] });
  });
});

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
