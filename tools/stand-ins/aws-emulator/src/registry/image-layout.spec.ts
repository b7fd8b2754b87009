import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readImageLayout } from './image-layout.ts';
import { startStage, type Stage } from '../testing/clients.ts';
import { writeImageLayout, type WrittenLayout } from '../testing/image-layout.ts';

describe('an image from a layout on disk', () => {
  const content = randomBytes(3 << 20);
  let folder: string;
  let written: WrittenLayout;
  let stage: Stage | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'image-layout-'));
    written = writeImageLayout(folder, content);
  });
  afterEach(async () => {
    await stage?.stop();
    stage = undefined;
    await rm(folder, { recursive: true });
  });

  const open = async () => {
    const started = await startStage({ image: readImageLayout(folder) });
    stage = started;
    const { authorizationData } = await started.ecr().send(new GetAuthorizationTokenCommand({}));
    const headers = { authorization: `Basic ${authorizationData?.[0]?.authorizationToken}` };
    return (path: string, method = 'GET') =>
      fetch(`${started.emulator.registryUrl}/v2/team/app/${path}`, { method, headers });
  };
  const pathOf = (digest: string) => join(folder, 'blobs', ...digest.split(':'));

  it('is served under every name, its manifest byte for byte', async () => {
    const get = await open();
    const answer = await get('manifests/latest');

    expect(answer.headers.get('docker-content-digest')).toBe(written.manifest);
    expect(answer.headers.get('content-type')).toBe('application/vnd.oci.image.manifest.v1+json');
    expect(await answer.json()).toMatchObject({ layers: [{ digest: written.layer, size: 3 << 20 }] });
    expect((await get(`manifests/${written.manifest}`)).status).toBe(200);
  });

  it('sends its layers from their files', async () => {
    const get = await open();
    const head = await get(`blobs/${written.layer}`, 'HEAD');

    expect(head.headers.get('content-length')).toBe(String(3 << 20));
    expect(await head.text()).toBe('');
    const layer = Buffer.from(await (await get(`blobs/${written.layer}`)).arrayBuffer());
    expect(layer.equals(content)).toBe(true);
  });

  it('closes the connection if a layer can no longer be read, and serves other requests', async () => {
    const get = await open();
    await rm(pathOf(written.layer));

    await expect(get(`blobs/${written.layer}`).then((answer) => answer.arrayBuffer())).rejects.toThrow();
    expect((await get('manifests/latest')).status).toBe(200);
  });

  it('is refused if a blob is missing', async () => {
    await rm(pathOf(written.layer));

    expect(() => readImageLayout(folder)).toThrow('ENOENT');
  });

  it.each([
    ['no image', { manifests: [] }, 'holds no image'],
    [
      'an index of images',
      { manifests: [{ mediaType: 'application/vnd.oci.image.index.v1+json', digest: 'sha256:0' }] },
      'holds an index: expected one image',
    ],
  ])('is refused if the layout has %s', (_what, index, message) => {
    writeFileSync(join(folder, 'index.json'), JSON.stringify(index));

    expect(() => readImageLayout(folder)).toThrow(message);
  });
});
