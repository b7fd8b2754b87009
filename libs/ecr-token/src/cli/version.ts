import { createRequire } from 'node:module';

/** The version of this package, as it is installed. */
export function version(): string {
  const manifest = createRequire(import.meta.url)('@ecr-anywhere/ecr-token/package.json') as {
    version: string;
  };
  return manifest.version;
}
