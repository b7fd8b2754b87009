// Writes what is in the images and the chart of a release, as SPDX documents: `node sbom.mjs ARCHIVES`, the folder that
// build.sh fills. A scanner of images does not see the npm packages in a bundle, and `npm sbom` lists packages that are
// not in it. The metafile of esbuild has exactly what it put into the bundle.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openArchive } from '../images/oci-archive.mjs';

const SOURCE = 'https://github.com/CentML/ecr-anywhere';
const REGISTRY = 'ghcr.io/centml';

/**
 * The folders of the packages that have code in a bundle.
 * @param metafile of esbuild, with paths relative to the root of the checkout
 */
export function packageFolders({ outputs }) {
  const files = Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])),
  );
  const folders = files.map((file) => /^(?:.*node_modules\/(?:@[^/]+\/)?[^/]+|[^/]+\/[^/]+)/.exec(file)[0]);
  return [...new Set(folders)].sort();
}

/**
 * An SPDX 2.3 document of one thing that is published, and of what it contains.
 * @param subject and every package: `{ name, version, purl, license? }`
 * @param created when, in RFC 3339; the time of the commit, so that the same commit makes the same document
 */
export function spdx({ subject, contains, created, revision }) {
  const packages = [subject, ...contains];
  const id = (index) => `SPDXRef-Package-${index}`;
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${subject.name} ${subject.version}`,
    documentNamespace: `${SOURCE}/sbom/${revision}/${subject.name}`,
    creationInfo: { created, creators: ['Organization: ECR Anywhere'] },
    documentDescribes: [id(0)],
    packages: packages.map(({ name, version, purl, license }, index) => ({
      SPDXID: id(index),
      name,
      versionInfo: version,
      downloadLocation: 'NOASSERTION',
      filesAnalyzed: false,
      licenseConcluded: 'NOASSERTION',
      licenseDeclared: license ?? 'NOASSERTION',
      copyrightText: 'NOASSERTION',
      externalRefs: [{ referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl }],
    })),
    relationships: contains.map((_, index) => ({
      spdxElementId: id(0),
      relationshipType: 'CONTAINS',
      relatedSpdxElement: id(index + 1),
    })),
  };
}

function npmPackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { name, version, license, purl: `pkg:npm/${name.replace('@', '%40')}@${version}` };
}

/** Debian's packages and Node, which the base image brings, as they are in the image for one architecture. */
export function basePackages(root) {
  const status = join(root, 'var/lib/dpkg/status.d');
  const records = existsSync(status) ? readdirSync(status).filter((name) => !name.endsWith('.md5sums')) : [];
  const debian = records.map((record) => {
    const text = readFileSync(join(status, record), 'utf8');
    const field = (name) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
    const [name, version] = [field('Package'), field('Version')];
    return { name, version, purl: `pkg:deb/debian/${name}@${encodeURIComponent(version)}` };
  });
  // Node's binary has the address of its own release in it.
  const binary = readFileSync(join(root, 'nodejs/bin/node'), 'latin1');
  const node = /node-v(\d+\.\d+\.\d+)\.tar\.gz/.exec(binary)?.[1];
  if (node === undefined) throw new Error('The image has a Node that does not say its version.');
  return [...debian, { name: 'node', version: node, purl: `pkg:generic/node@${node}` }];
}

const ociPackage = (name, digest, version) => ({
  name,
  version,
  license: 'Apache-2.0',
  purl: `pkg:oci/${name}@${encodeURIComponent(digest)}?repository_url=${REGISTRY}/${name}&tag=${version}`,
});

function main([archives]) {
  const { VERSION: version, REVISION: revision, CREATED: created } = process.env;
  const work = mkdtempSync(join(tmpdir(), 'sbom-'));
  const write = (subject, contains) => {
    const text = JSON.stringify(spdx({ subject, contains, created, revision }), null, 2);
    writeFileSync(join(archives, 'sbom', `${subject.name}.spdx.json`), `${text}\n`);
  };
  try {
    mkdirSync(join(archives, 'sbom'), { recursive: true });
    const images = ['webhook', 'refresher'].map((program) => {
      const name = `ecr-anywhere-${program}`;
      const image = openArchive(join(archives, 'images', `${name}.tar`), join(work, name), 'amd64');
      const metafile = JSON.parse(readFileSync(join(archives, 'metafiles', `${program}.json`), 'utf8'));
      const subject = ociPackage(name, image.digest, version);
      write(subject, [...packageFolders(metafile).map(npmPackage), ...basePackages(image.root)]);
      return subject;
    });
    const chart = {
      name: 'ecr-anywhere',
      version,
      license: 'Apache-2.0',
      purl: `pkg:helm/ecr-anywhere@${version}`,
    };
    write(chart, images);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
