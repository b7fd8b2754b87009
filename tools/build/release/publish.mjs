// Publishes the three libraries to npm, from CI only. A version with a suffix, such as 1.2.3-rc.1, gets the tag `next`,
// so that `npm install` does not install it.
import { execFileSync } from 'node:child_process';
import { releaseVersion } from './version.mjs';

try {
  const tag = releaseVersion(process.env).includes('-') ? 'next' : 'latest';
  const more = process.argv.slice(2); // such as --dry-run
  execFileSync('npx', ['nx', 'release', 'publish', '--tag', tag, ...more], { stdio: 'inherit' });
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
