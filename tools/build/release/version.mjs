// Prints the version of the release that CI makes. It fails outside CI, without a version tag, and if a package has
// another version than the tag. (A program's --version comes from its package.)
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PACKAGES = ['libs/ecr-token', 'libs/admission', 'libs/secret-scan', 'apps/webhook', 'apps/refresher'];

/** @throws Error that says what to do instead */
export function releaseVersion(env) {
  if (env.CI !== 'true' || env.GITHUB_ACTIONS !== 'true') {
    throw new Error('Releases are made by CI: `npx nx release --skip-publish`, then push the tag.');
  }
  const [, version] = /^v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(env.GITHUB_REF_NAME ?? '') ?? [];
  if (env.GITHUB_REF_TYPE !== 'tag' || version === undefined) {
    throw new Error(`${env.GITHUB_REF_NAME} is no version tag, such as v1.2.3`);
  }
  for (const folder of PACKAGES) {
    const file = new URL(`../../../${folder}/package.json`, import.meta.url);
    const found = JSON.parse(readFileSync(file, 'utf8')).version;
    if (found !== version)
      throw new Error(`${folder} says ${found}, the tag ${version}: let nx release make both`);
  }
  return version;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    console.log(releaseVersion(process.env));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
