import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Blob, Image } from './image.ts';

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
}
interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/**
 * The first image of an OCI image layout, which is the folder that `buildah push NAME oci:FOLDER` makes. Its blobs stay
 * in their files until they are requested.
 *
 * @throws an error of the file system if a part is missing; TypeError if there is no image, or an index
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export function readImageLayout(folder: string): Image {
  const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as {
    manifests?: readonly Descriptor[];
  };
  const [first] = manifests ?? [];
  if (first === undefined) throw new TypeError(`${folder} holds no image`);
  if (!first.mediaType.includes('manifest.v'))
    throw new TypeError(`${folder} holds an index: expected one image`);
  const stored = ({ mediaType, digest }: Descriptor): Blob => {
    const path = join(folder, 'blobs', ...digest.split(':'));
    return { mediaType, digest, content: { path, size: statSync(path).size } };
  };
  const content = readFileSync(join(folder, 'blobs', ...first.digest.split(':')));
  const { config, layers } = JSON.parse(content.toString()) as Manifest;
  return { manifest: { ...stored(first), content }, blobs: [config, ...layers].map(stored) };
}
