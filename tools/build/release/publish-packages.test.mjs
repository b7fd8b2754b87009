// A small registry stands in for npm's. The client is the real npm.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { distTag, hasTrustedPublishing, npmClient, publishAll } from './publish-packages.mjs';

const work = mkdtempSync(join(tmpdir(), 'publish-'));
after(() => rmSync(work, { recursive: true }));

/** A package as npm packs it. Its script would leave a file if it ran. */
function tarball(content) {
  const folder = join(work, 'sources', content);
  mkdirSync(folder, { recursive: true });
  const scripts = {
    prepack: `touch ${work}/ran`,
    prepublishOnly: `touch ${work}/ran`,
    publish: `touch ${work}/ran`,
  };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: '@example/a', version: '1.2.3', scripts }),
  );
  writeFileSync(join(folder, 'index.js'), content);
  const packed = join(work, 'packed', content);
  mkdirSync(packed, { recursive: true });
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', packed], {
    cwd: folder,
  });
  return join(packed, 'example-a-1.2.3.tgz');
}

// The registry runs in a thread of its own, because the script waits for npm. It keeps what is published in a file.
const REGISTRY = `
  const { createServer } = require('node:http');
  const { existsSync, readFileSync, writeFileSync } = require('node:fs');
  const { parentPort, workerData: file } = require('node:worker_threads');
  createServer(async (request, response) => {
    const send = (status, text) => response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    if (request.method !== 'PUT') return existsSync(file) ? send(200, readFileSync(file)) : send(404, '{"error":"Not found"}');
    if (request.headers.authorization !== 'Bearer a-token') return send(401, '{}');
    let body = '';
    for await (const chunk of request) body += chunk;
    writeFileSync(file, body);
    send(201, '{"ok":true}');
  }).listen(0, '127.0.0.1', function () { parentPort.postMessage(this.address().port); });
`;

async function registry(context) {
  const file = join(mkdtempSync(join(work, 'registry-')), 'published.json');
  const worker = new Worker(REGISTRY, { eval: true, workerData: file });
  const port = await new Promise((listening) => worker.once('message', listening));
  const env = {
    ...process.env,
    NPM_CONFIG_REGISTRY: `http://127.0.0.1:${port}/`,
    NPM_CONFIG_CACHE: join(work, 'cache'),
  };
  env.NPM_CONFIG_FETCH_RETRIES = '0';
  env.NPM_TOKEN = 'a-token';
  const npm = npmClient(env);
  context.after(() => {
    npm.close();
    return worker.terminate();
  });
  return { npm, published: () => JSON.parse(readFileSync(file, 'utf8')) };
}

const sha512 = (bytes) => createHash('sha512').update(bytes).digest('base64');

describe('a tarball of a release', () => {
  test('is published byte for byte, and no script of it runs', async (context) => {
    const { npm, published } = await registry(context);
    const file = tarball('one');

    publishAll([file], '1.2.3', npm);

    const { _attachments: attachments, 'dist-tags': tags } = published();
    const [{ data }] = Object.values(attachments);
    assert.equal(sha512(Buffer.from(data, 'base64')), sha512(readFileSync(file)));
    assert.deepEqual(tags, { latest: '1.2.3' });
    assert.throws(() => readFileSync(join(work, 'ran')), /ENOENT/);
  });

  test('is left out if it is published already, so that the job can run again', async (context) => {
    const { npm } = await registry(context);
    publishAll([tarball('one')], '1.2.3', npm);

    publishAll([tarball('one')], '1.2.3', { ...npm, publish: () => assert.fail('published again') });
  });

  test('is refused if the version is published with another content', async (context) => {
    const { npm } = await registry(context);
    publishAll([tarball('one')], '1.2.3', npm);

    assert.throws(() => publishAll([tarball('two')], '1.2.3', npm), /another content/);
  });

  test('is refused if it has another version than the release, before anything is published', async (context) => {
    const { npm } = await registry(context);

    assert.throws(() => publishAll([tarball('one')], '1.2.4', npm), /has the version 1\.2\.3, not 1\.2\.4/);
    assert.equal(npm.integrityOf('@example/a@1.2.3'), undefined);
  });
});

test('a version with a suffix gets the tag next', () => {
  assert.equal(distTag('2.0.0-rc.1'), 'next');
  assert.equal(distTag('2.0.0'), 'latest');
});

test('npm has trusted publishing since 11.5.1', () => {
  for (const version of ['11.5.1', '11.6.0', '11.10.0', '12.0.0'])
    assert.equal(hasTrustedPublishing(version), true);
  for (const version of ['11.5.0', '11.4.9', '10.9.9', '9.0.0'])
    assert.equal(hasTrustedPublishing(version), false);
});
