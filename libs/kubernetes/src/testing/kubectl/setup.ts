import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { World } from './world.ts';

/** What a person has, and types. */
export interface Setup {
  /** By path below the folder of the case: text, or an object, which becomes JSON. Programs end with `.sh`. */
  readonly files?: Readonly<Record<string, unknown>>;
  /** Paths below the folder; FOLDER in a value stands for it. HOME is the folder. */
  readonly env?: Readonly<Record<string, string>>;
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** One row of the table. */
export interface Case {
  /** Follows "kubectl and ours agree where …". */
  readonly where: string;
  readonly setup: (world: World) => Setup;
  /** What ours says when it refuses: the setting or the field. */
  readonly names?: string;
  /** Ours refuses what kubectl does, for this reason. */
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

/** A kubeconfig with one context, `c`, unless it is told otherwise. */
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

/** The cluster of a kubeconfig that leads to a server, with its CA. */
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
