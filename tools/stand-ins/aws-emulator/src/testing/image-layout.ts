import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The parts of an image layout that was written. */
export interface WrittenLayout {
  readonly manifest: string;
  readonly layer: string;
}

/** Writes an OCI image layout of one image with one layer of this content. */
export function writeImageLayout(folder: string, layerContent: Buffer): WrittenLayout {
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true });
  const store = (mediaType: string, content: string | Buffer) => {
    const hex = createHash('sha256').update(content).digest('hex');
    writeFileSync(join(folder, 'blobs', 'sha256', hex), content);
    return { mediaType, digest: `sha256:${hex}`, size: Buffer.byteLength(content) };
  };
  const layer = store('application/vnd.oci.image.layer.v1.tar', layerContent);
  const config = store('application/vnd.oci.image.config.v1+json', '{}');
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const manifest = store(mediaType, JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }));
  writeFileSync(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [manifest] }));
  return { manifest: manifest.digest, layer: layer.digest };
}
