import { createRequire } from 'node:module';

/** The version of the installed package. */
export function version(): string {
  const manifest = createRequire(import.meta.url)('@ecr-anywhere/ecr-token/package.json') as {
    version: string;
  };
  return manifest.version;
}
