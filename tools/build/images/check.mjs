// Checks the images of the two programs as archives: `sudo node tools/build/images/check.mjs [FOLDER [ARCHITECTURE]]`, by
// default those that build.sh wrote. The archives of a release need the architecture. Needs root, tar, readelf and
// runc. Images of another architecture are run where qemu-user-static is installed.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { arch, homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startContainer } from './container.mjs';
import { architectureOf, needsOf } from './elf.mjs';
import { openArchive } from './oci-archive.mjs';

const LARGEST = 60_000_000;
const NOT_IN_AN_IMAGE =
  /^(sh|bash|dash|ash|zsh|busybox|toybox|apt(-get)?|dpkg|apk|rpm|yum|dnf|npm|npx|corepack|yarn|pnpm|perl.*|python.*|curl|wget)$/;
const CACHE = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
const FOLDER = join(process.env.TESTBED_HOME || join(CACHE, 'ecr-anywhere/testbed'), 'images');
const LABELS = ['title', 'description', 'source', 'version', 'revision', 'licenses'];

const [folder = FOLDER, wanted] = process.argv.slice(2);
const work = mkdtempSync(join(tmpdir(), 'images-'));
const open = (program) =>
  openArchive(join(folder, `ecr-anywhere-${program}.tar`), join(work, program), wanted);
const images = { webhook: open('webhook'), refresher: open('refresher') };
after(() => rmSync(work, { recursive: true, force: true }));

/** What answers `--help` is in a file of its own, so that it loads nothing else. */
const HELP = { webhook: 'command-line.js', refresher: 'help.js' };

for (const [program, image] of Object.entries(images)) {
  const { config, architecture } = image.config;
  const label = (name) => config.Labels[`org.opencontainers.image.${name}`];

  describe(`the image of the ${program}, for ${architecture}`, () => {
    test('is at most 60 MB to download', (context) => {
      context.diagnostic(`${(image.size / 1e6).toFixed(1)} MB`);
      assert.ok(image.size <= LARGEST, `${image.size} bytes`);
    });

    test('runs as a user that is not root, given as a number, which runAsNonRoot can check', () => {
      assert.equal(config.User, '65532:65532');
    });

    test('says what it is, where it comes from and under which licence', () => {
      for (const name of LABELS) assert.ok(label(name), `the label ${name}`);
      assert.match(label('title'), new RegExp(program));
      assert.equal(label('source'), 'https://github.com/CentML/ecr-anywhere');
      assert.equal(label('licenses'), 'Apache-2.0');
    });

    test('has no shell, no package manager and no interpreter but Node', () => {
      const found = image.files.filter(({ name }) => NOT_IN_AN_IMAGE.test(name));
      assert.deepEqual(found, []);
    });

    test('has nothing that changes its user, and nothing that the program could change', () => {
      const found = image.files.filter(
        ({ isFile, mode, uid }) => isFile && ((mode & 0o6002) !== 0 || uid !== 0),
      );
      assert.deepEqual(found, []);
    });

    test('holds the files of the bundle, and the licences', () => {
      const app = image.files.filter(({ path }) => path.startsWith('/app/')).map(({ name }) => name);
      assert.deepEqual(app.sort(), [
        'LICENSE',
        'chunk.js',
        HELP[program],
        'main.js',
        'package.json',
        'program.js',
        'program.js.LEGAL.txt',
      ]);
      assert.equal(
        image.files.some(({ path }) => path.includes('node_modules')),
        false,
      );
    });

    test('gives Node the flags that the programs are tested and measured with', () => {
      const source = readFileSync(
        new URL('../../scenarios/local-installation/src/program.ts', import.meta.url),
        'utf8',
      );
      const flags = /NODE_FLAGS = \[(.*)\]/.exec(source)[1].match(/--[^']+/g);
      assert.deepEqual(config.Entrypoint, ['/nodejs/bin/node', ...flags, '/app/main.js']);
      assert.deepEqual(config.Cmd ?? [], []);
    });

    test('has Node, its loader and its libraries, all for this architecture', () => {
      const binaries = image.files.filter(
        ({ isFile, path }) => isFile && architectureOf(join(image.root, path)),
      );
      const wrong = binaries.filter(({ path }) => architectureOf(join(image.root, path)) !== architecture);
      assert.deepEqual(wrong, []);
      const { libraries, loader } = needsOf(join(image.root, 'nodejs/bin/node'));
      const names = new Set(image.files.map(({ name }) => name));
      const missing = [basename(loader), ...libraries].filter((name) => !names.has(name));
      assert.deepEqual(missing, []);
    });
  });
}

test('the two images share every layer but the last', () => {
  const { webhook, refresher } = images;
  assert.ok(webhook.layers.length > 1);
  assert.deepEqual(webhook.layers.slice(0, -1), refresher.layers.slice(0, -1));
  assert.notEqual(webhook.layers.at(-1), refresher.layers.at(-1));
});

const { architecture } = images.webhook.config;
const qemu = '/usr/bin/qemu-aarch64-static';
const isOwn = architecture === { x64: 'amd64', arm64: 'arm64' }[arch()];
const isEmulated = !isOwn && architecture === 'arm64' && existsSync(qemu);
const skip = isOwn || isEmulated ? false : `nothing here runs ${architecture}: install qemu-user-static`;

describe(
  `in a container without privileges, on a read-only root${isEmulated ? ', emulated' : ''}`,
  { skip },
  () => {
    const emulator = isEmulated ? ['/qemu'] : [];
    const containers = [];
    const start = (image, options) => {
      const container = startContainer(image, { emulator, ...options });
      containers.push(container);
      return container;
    };
    before(() => {
      if (isEmulated) for (const { root } of Object.values(images)) copyFileSync(qemu, join(root, 'qemu'));
    });
    after(() => containers.forEach((container) => container.kill()));

    for (const [program, image] of Object.entries(images)) {
      test(`the ${program} explains itself`, async () => {
        const { code, output } = await start(image, { args: ['--help'] }).ended;

        assert.equal(code, 0, output);
        assert.match(output, new RegExp(`^Usage: ${program}`));
      });

      test(`the ${program} says its version, which is that of the image where that is a release's`, async () => {
        const { code, output } = await start(image, { args: ['--version'] }).ended;

        assert.equal(code, 0, output);
        const [, version] = new RegExp(`^${program} (\\d+\\.\\d+\\.\\d+.*)\n$`).exec(output) ?? [];
        assert.ok(version, output);
        const label = image.config.config.Labels['org.opencontainers.image.version'];
        if (/^\d+\./.test(label)) assert.equal(version, label);
      });
    }

    test('the refresher refuses an unknown argument with 2', async () => {
      const { code, output } = await start(images.refresher, { args: ['--no-such-flag'] }).ended;

      assert.equal(code, 2, output);
    });

    test('the webhook lives, and ends on SIGTERM', async () => {
      const port = await freePort();
      const env = {
        AWS_REGION: 'us-east-1',
        AWS_EC2_METADATA_DISABLED: 'true',
        PORT: String(await freePort()),
        PROBE_PORT: String(port),
        SHUTDOWN_DELAY: '0s',
      };
      const webhook = start(images.webhook, { env, network: true });

      assert.equal(await statusOf(`http://127.0.0.1:${port}/livez`, 60_000), 200, webhook.output());
      webhook.terminate();
      const { code, output } = await webhook.ended;
      assert.equal(code, 0, output);
    });
  },
);

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Waits for an HTTP answer. @returns its status */
async function statusOf(url, patience) {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(100)) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer !== undefined) return answer.status;
  }
  return undefined;
}
