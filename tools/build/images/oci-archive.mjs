// Reads the OCI archives that build.sh writes, and those of a release, which hold an image for each architecture.
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Unpacks an image from an archive into a folder. The file system of the image is in `root`.
 * @param architecture which image, such as `arm64`, if the archive holds one for each architecture
 */
export function openArchive(archive, folder, architecture) {
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  const path = (digest) => join(folder, 'blobs', ...digest.split(':'));
  const read = (digest) => JSON.parse(readFileSync(path(digest), 'utf8'));

  const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
  const manifest = imageOf(read(manifests[0].digest), architecture, read);
  const config = read(manifest.config.digest);
  for (const { digest } of manifest.layers) {
    execFileSync('tar', ['-xzpf', path(digest), '--numeric-owner', '-C', root]);
  }
  return {
    root,
    /** What a registry and a signature name: the digest of the index, or of the only image. */
    digest: manifests[0].digest,
    config,
    layers: manifest.layers.map(({ digest }) => digest),
    /** The download size in bytes. */
    size: manifest.layers.reduce((sum, { size }) => sum + size, manifest.config.size),
    files: filesUnder(root),
  };
}

/** The manifest of the image for an architecture, from an index of images or from the manifest of the only one. */
function imageOf(manifest, architecture, read) {
  if (manifest.manifests === undefined) return manifest;
  const found = manifest.manifests.find(({ platform }) => platform.architecture === architecture);
  if (found === undefined) throw new Error(`The archive has no image for ${architecture}.`);
  return read(found.digest);
}

/** All files below a folder, with their modes. */
function filesUnder(root) {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      const { mode, uid } = lstatSync(path);
      return { path: `/${relative(root, path)}`, name: entry.name, isFile: entry.isFile(), mode, uid };
    });
}
