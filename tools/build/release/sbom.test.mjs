import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { basePackages, packageFolders, spdx } from './sbom.mjs';

test('the packages of a bundle are those that have code in it', () => {
  const inputs = {
    'apps/webhook/src/main.ts': { bytesInOutput: 10 },
    'libs/settings/src/index.ts': { bytesInOutput: 10 },
    'node_modules/koa/lib/application.js': { bytesInOutput: 10 },
    'node_modules/koa/lib/context.js': { bytesInOutput: 10 },
    'node_modules/koa/node_modules/mime-db/index.js': { bytesInOutput: 10 },
    'libs/ecr-token/node_modules/agent-base/dist/index.js': { bytesInOutput: 10 },
    'node_modules/@aws-sdk/core/dist/index.js': { bytesInOutput: 10 },
    'node_modules/shaken-out/index.js': { bytesInOutput: 0 },
  };
  assert.deepEqual(packageFolders({ outputs: { 'dist/main.js': { inputs } } }), [
    'apps/webhook',
    'libs/ecr-token/node_modules/agent-base',
    'libs/settings',
    'node_modules/@aws-sdk/core',
    'node_modules/koa',
    'node_modules/koa/node_modules/mime-db',
  ]);
});

test('the packages of the base image are those of Debian, and Node', () => {
  const root = mkdtempSync(join(tmpdir(), 'base-'));
  after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'var/lib/dpkg/status.d'), { recursive: true });
  mkdirSync(join(root, 'nodejs/bin'), { recursive: true });
  const record = 'Package: libssl3\nArchitecture: amd64\nVersion: 1:3.0.17-1~deb12u2\nDepends: libc6\n';
  writeFileSync(join(root, 'var/lib/dpkg/status.d/libssl3'), record);
  writeFileSync(join(root, 'var/lib/dpkg/status.d/libssl3.md5sums'), 'x');
  writeFileSync(join(root, 'nodejs/bin/node'), '\0https://example.com/v24.1.0/node-v24.1.0.tar.gz\0');

  assert.deepEqual(basePackages(root), [
    { name: 'libssl3', version: '1:3.0.17-1~deb12u2', purl: 'pkg:deb/debian/libssl3@1%3A3.0.17-1~deb12u2' },
    { name: 'node', version: '24.1.0', purl: 'pkg:generic/node@24.1.0' },
  ]);
});

test('a document describes its subject, which contains every other package', () => {
  const subject = { name: 'ecr-anywhere-webhook', version: '2.0.0', purl: 'pkg:oci/ecr-anywhere-webhook' };
  const koa = { name: 'koa', version: '3.3.0', license: 'MIT', purl: 'pkg:npm/koa@3.3.0' };
  const created = '2026-01-02T03:04:05Z';

  const document = spdx({ subject, contains: [koa], created, revision: 'abc' });

  assert.equal(document.spdxVersion, 'SPDX-2.3');
  assert.deepEqual(document.documentDescribes, [document.packages[0].SPDXID]);
  assert.deepEqual(
    document.packages.map(({ name, versionInfo, licenseDeclared }) => [name, versionInfo, licenseDeclared]),
    [
      ['ecr-anywhere-webhook', '2.0.0', 'NOASSERTION'],
      ['koa', '3.3.0', 'MIT'],
    ],
  );
  assert.deepEqual(document.relationships, [
    {
      spdxElementId: document.packages[0].SPDXID,
      relationshipType: 'CONTAINS',
      relatedSpdxElement: document.packages[1].SPDXID,
    },
  ]);
});
