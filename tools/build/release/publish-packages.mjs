// Publishes the npm tarballs in a folder as they are, without running a script of theirs, from CI only:
// `node publish-packages.mjs FOLDER`. npm gets the right to publish from GitHub's token of this job ("trusted publishing").
// The first release of a package needs an npm token in NPM_TOKEN: npm trusts a workflow only for a package that exists.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { releaseVersion } from './version.mjs';

/** The first npm that has trusted publishing. */
const OLDEST_NPM = [11, 5, 1];

/** A version with a suffix, such as 1.2.3-rc.1, gets the tag `next`, so that `npm install` does not install it. */
export function distTag(version) {
  return version.includes('-') ? 'next' : 'latest';
}

/** Whether this version of npm has trusted publishing. */
export function hasTrustedPublishing(npmVersion) {
  const parts = npmVersion.split('.').map((part) => Number.parseInt(part, 10));
  const index = OLDEST_NPM.findIndex((part, at) => parts[at] !== part);
  return index === -1 || parts[index] > OLDEST_NPM[index];
}

/**
 * Publishes each tarball, unless the registry has exactly this one already.
 * @throws Error if a tarball has another version, or is published with another content
 */
export function publishAll(tarballs, version, npm) {
  const packages = tarballs.map((tarball) => ({ tarball, ...manifestOf(tarball) }));
  for (const found of packages) {
    if (found.version !== version)
      throw new Error(`${found.tarball} has the version ${found.version}, not ${version}.`);
  }
  for (const { tarball, name } of packages) {
    const published = npm.integrityOf(`${name}@${version}`);
    const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
    if (published === integrity) {
      console.log(`${name}@${version} is published already.`);
    } else if (published !== undefined) {
      throw new Error(`${name}@${version} is published with another content. Release another version.`);
    } else {
      npm.publish(tarball, distTag(version));
    }
  }
}

function manifestOf(tarball) {
  return JSON.parse(execFileSync('tar', ['-xOf', tarball, 'package/package.json'], { encoding: 'utf8' }));
}

/** The npm of this machine. With a token it uses it, otherwise it asks GitHub for one. */
export function npmClient(env) {
  const folder = mkdtempSync(join(tmpdir(), 'npm-'));
  const options = { cwd: folder, env, encoding: 'utf8' };
  const userConfig = join(folder, 'npmrc');
  const registry = execFileSync('npm', ['config', 'get', 'registry'], options).trim();
  // npm itself puts the token in, so that it is in no file.
  const config = env.NPM_TOKEN ? `${registry.replace(/^https?:/, '')}:_authToken=\${NPM_TOKEN}\n` : '';
  writeFileSync(userConfig, config);
  return {
    version: () => execFileSync('npm', ['--version'], options).trim(),
    integrityOf(spec) {
      const { status, stdout, stderr } = spawnSync(
        'npm',
        ['view', spec, 'dist.integrity', '--json'],
        options,
      );
      if (status === 0) return stdout === '' ? undefined : JSON.parse(stdout);
      if (/\bE404\b/.test(`${stdout}${stderr}`)) return undefined;
      throw new Error(`npm view ${spec} failed: ${stderr}`);
    },
    publish(tarball, tag) {
      const flags = ['--ignore-scripts', '--access', 'public', '--tag', tag, '--userconfig', userConfig];
      const { status } = spawnSync('npm', ['publish', tarball, ...flags], { ...options, stdio: 'inherit' });
      if (status !== 0)
        throw new Error(
          `npm publish ${tarball} failed. Run this job again: it leaves out what is published.`,
        );
    },
    close: () => rmSync(folder, { recursive: true }),
  };
}

function main([folder]) {
  const version = releaseVersion(process.env);
  const npm = npmClient(process.env);
  try {
    if (!hasTrustedPublishing(npm.version())) {
      throw new Error(
        `npm ${npm.version()} has no trusted publishing: it needs ${OLDEST_NPM.join('.')} or newer.`,
      );
    }
    const tarballs = readdirSync(folder).map((name) => resolve(folder, name));
    publishAll(tarballs, version, npm);
  } finally {
    npm.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
