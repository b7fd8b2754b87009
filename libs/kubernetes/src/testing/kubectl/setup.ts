import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { World } from './world.ts';

/** The files, variables and flags of a user. */
export interface Setup {
  /** By path in the folder of the case. An object is written as JSON. Names of programs end with `.sh`. */
  readonly files?: Readonly<Record<string, unknown>>;
  /** FOLDER in a value is replaced by the folder of the case. HOME is that folder. */
  readonly env?: Readonly<Record<string, string>>;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** One row of the table. */
export interface Case {
  /** The title. It continues a sentence that ends with "if". */
  readonly where: string;
  readonly setup: (world: World) => Setup;
  /** Part of our error if our client refuses: the setting or the field. */
  readonly names?: string;
  /** The reason why our client refuses something that kubectl accepts. */
  readonly stricter?: string;
}

export function writeSetup(folder: string, { files = {} }: Setup): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(file, text.replaceAll('FOLDER', folder));
    if (path.endsWith('.sh')) chmodSync(file, 0o755);
  }
}

export function environmentOf(folder: string, { env = {} }: Setup): Record<string, string> {
  const given = Object.entries(env).map(([name, value]) => [name, value.replaceAll('FOLDER', folder)]);
  return { PATH: process.env['PATH'] ?? '', HOME: folder, ...Object.fromEntries(given) };
}

/** A kubeconfig with one context, `c`, unless the arguments change that. */
export function kubeconfig({
  cluster = {},
  user = {},
  namespace,
  ...others
}: {
  cluster?: unknown;
  user?: unknown;
  namespace?: unknown;
  [field: string]: unknown;
}): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u', namespace } }],
    clusters: [{ name: 'k', cluster }],
    users: [{ name: 'u', user }],
    ...others,
  };
}

/** A cluster entry for a server, with its CA. */
export function to(world: World, server: 'one' | 'two' | 'stranger', changes: object = {}): object {
  return {
    server: `https://127.0.0.1:${world.apiServers.ports[server]}`,
    'certificate-authority-data': base64(world.ca),
    ...changes,
  };
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
