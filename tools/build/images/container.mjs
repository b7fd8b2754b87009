// Runs a program of an unpacked image in a container, with more restrictions than the chart's pods: no capabilities, no
// new privileges, and no writable folder, not even for temporary files.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Starts the entry point of `image.config` with more arguments. With `network`, it uses the network of the machine. */
export function startContainer(image, { args = [], env = {}, network = false, emulator = [] } = {}) {
  const bundle = mkdtempSync(join(tmpdir(), 'image-check-'));
  const [uid, gid] = image.config.config.User.split(':').map(Number);
  const namespaces = ['pid', 'ipc', 'uts', 'mount', ...(network ? [] : ['network'])];
  const config = {
    ociVersion: '1.0.2',
    process: {
      user: { uid, gid },
      args: [...emulator, ...image.config.config.Entrypoint, ...args],
      env: [
        ...(image.config.config.Env ?? []),
        ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
      ],
      cwd: '/',
      capabilities: {},
      noNewPrivileges: true,
    },
    root: { path: image.root, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'mode=755'] },
    ],
    linux: { namespaces: namespaces.map((type) => ({ type })) },
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));

  const child = spawn('runc', ['run', '--bundle', bundle, basename(bundle)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return {
    output: () => output,
    ended: once(child, 'close').then(([code]) => ({ code, output })),
    terminate: () => child.kill('SIGTERM'),
    kill: () => spawn('runc', ['delete', '--force', basename(bundle)], { stdio: 'ignore' }),
  };
}
