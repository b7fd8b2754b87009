import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { FileContent } from '../http/http-message.ts';

/** A blob of a registry. */
export interface Blob {
  readonly digest: string;
  readonly mediaType: string;
  readonly content: Buffer | FileContent;
}

/** An image: its manifest and its blobs. */
export interface Image {
  readonly manifest: Blob;
  readonly blobs: readonly Blob[];
}

/** A valid OCI image of one layer with one file in it. */
export function smallImage(): Image {
  const layerTar = tar('hello.txt', 'Pulled with a token that was fresh.\n');
  const layer = blob('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(layerTar));
  const config = blob(
    'application/vnd.oci.image.config.v1+json',
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['/hello.txt'] },
      rootfs: { type: 'layers', diff_ids: [digestOf(layerTar)] },
    }),
  );
  const manifest = blob(
    'application/vnd.oci.image.manifest.v1+json',
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: descriptor(config),
      layers: [descriptor(layer)],
    }),
  );
  return { manifest, blobs: [config, layer] };
}

function blob(mediaType: string, content: string | Buffer): Blob & { readonly content: Buffer } {
  const bytes = Buffer.from(content);
  return { mediaType, content: bytes, digest: digestOf(bytes) };
}

function descriptor({ mediaType, digest, content }: ReturnType<typeof blob>) {
  return { mediaType, digest, size: content.length };
}

function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** A tar archive of one file, in the ustar format. */
function tar(name: string, content: string): Buffer {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o644, 8), 100); // mode
  header.write(octal(0, 8), 108); // owner
  header.write(octal(0, 8), 116); // group
  header.write(octal(body.length, 12), 124);
  header.write(octal(0, 12), 136); // time
  header.write(' '.repeat(8), 148); // the checksum is computed with blanks in its place
  header.write('0', 156); // a regular file
  header.write('ustar\x0000', 257, 'latin1');
  header.write(
    octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    ),
    148,
  );
  const padded = Buffer.alloc(Math.ceil(body.length / 512) * 512);
  body.copy(padded);
  return Buffer.concat([header, padded, Buffer.alloc(1024)]);
}
