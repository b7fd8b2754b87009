// What an executable or a library says of itself, from the header of its file.
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';

const ARCHITECTURES = new Map([
  [62, 'amd64'],
  [183, 'arm64'],
]);

/** The architecture that a file holds machine code for; undefined for a file that holds none. */
export function architectureOf(file) {
  const header = Buffer.alloc(20);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, header);
  closeSync(descriptor);
  if (header.toString('latin1', 0, 4) !== '\x7fELF') return undefined;
  const machine = header.readUInt16LE(18);
  return ARCHITECTURES.get(machine) ?? `machine ${machine}`;
}

/** The names of the libraries, and the path of the loader, without which a file cannot be run. */
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
