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

/** A registry, and where the stand-in for it answers. */
export interface Registry {
  readonly url: string;
  readonly host: string;
}

/** Pulls an image as a container runtime does from a mirror: the manifest, then each blob. It checks their digests. */
export async function pull(
  registry: Registry,
  image: { readonly repository: string; readonly tag: string },
  credentials: { readonly username: string; readonly password: string },
): Promise<Pull> {
  const { username, password } = credentials;
  const headers = {
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
    accept:
      'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json',
  };
  const get = (path: string) =>
    fetch(`${registry.url}/v2/${image.repository}/${path}?ns=${registry.host}`, { headers });
  const answer = await get(`manifests/${image.tag}`);
  if (!answer.ok) return { status: answer.status, blobs: 0 };
  const { config, layers } = (await answer.json()) as Manifest;
  let blobs = 0;
  for (const { digest } of [config, ...layers]) {
    const blob = await get(`blobs/${digest}`);
    if (!blob.ok) return { status: blob.status, blobs };
    const content = Buffer.from(await blob.arrayBuffer());
    const actual = `sha256:${createHash('sha256').update(content).digest('hex')}`;
    if (actual !== digest)
      throw new Error(`The blob ${digest} of ${image.repository} has the digest ${actual}`);
    blobs += 1;
  }
  return { status: 200, blobs };
}
