// Reads the OCI archives that build.sh and `docker buildx build --output type=oci` write.
import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Unpacks an archive of one image into a folder. The file system of the image is in `root`. */
export function openArchive(archive, folder) {
  const root = join(folder, 'root');
  mkdirSync(root, { recursive: true });
  execFileSync('tar', ['-xf', archive, '-C', folder]);
  const path = (digest) => join(folder, 'blobs', ...digest.split(':'));
  const read = (digest) => JSON.parse(readFileSync(path(digest), 'utf8'));

  const { manifests } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
  const manifest = read(manifests[0].digest);
  const config = read(manifest.config.digest);
  for (const { digest } of manifest.layers) {
    execFileSync('tar', ['-xzpf', path(digest), '--numeric-owner', '-C', root]);
  }
  return {
    root,
    config,
    layers: manifest.layers.map(({ digest }) => digest),
    /** The download size in bytes. */
    size: manifest.layers.reduce((sum, { size }) => sum + size, manifest.config.size),
    files: filesUnder(root),
  };
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
