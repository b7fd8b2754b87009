import { createHash } from 'node:crypto';

/** The result of pulling an image. */
export interface Pull {
  /** 200, or the status of the request that failed. */
  readonly status: number;
  /** The number of blobs with the right digest. */
  readonly blobs: number;
}

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

/** Pulls an image as a container runtime does: the manifest, then each blob. It checks their digests. */
export async function pull(
  registry: string,
  image: { readonly repository: string; readonly tag: string },
  credentials: { readonly username: string; readonly password: string },
): Promise<Pull> {
  const { username, password } = credentials;
  const headers = {
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    accept:
      'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json',
  };
  const base = `${registry}/v2/${image.repository}`;
  const answer = await fetch(`${base}/manifests/${image.tag}`, { headers });
  if (!answer.ok) return { status: answer.status, blobs: 0 };
  const { config, layers } = (await answer.json()) as Manifest;
  let blobs = 0;
  for (const { digest } of [config, ...layers]) {
    const blob = await fetch(`${base}/blobs/${digest}`, { headers });
    if (!blob.ok) return { status: blob.status, blobs };
    const content = Buffer.from(await blob.arrayBuffer());
    const actual = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    if (actual !== digest)
      throw new Error(`The blob ${digest} of ${image.repository} has the digest ${actual}`);
    blobs += 1;
  }
  return { status: 200, blobs };
}
