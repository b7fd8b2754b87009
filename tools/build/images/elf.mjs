// Reads the ELF headers of executables and libraries.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';

const ARCHITECTURES = new Map([
  [62, 'amd64'],
  [183, 'arm64'],
]);

/** The architecture of an executable or library; undefined for other files. */
export function architectureOf(file) {
  const header = Buffer.alloc(20);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, header);
  closeSync(descriptor);
  if (header.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  const machine = header.readUInt16LE(18);
  return ARCHITECTURES.get(machine) ?? `machine ${machine}`;
}

/** The libraries and the loader that a file needs. */
export function needsOf(file) {
  const text = execFileSync('readelf', ['--dynamic', '--program-headers', '--wide', file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const all = (pattern) => [...text.matchAll(pattern)].map(([, name]) => name);
  return {
    libraries: all(/\(NEEDED\)\s+Shared library: \[(.+)\]/g),
    loader: all(/program interpreter: (.+)\]/g)[0],
  };
}
