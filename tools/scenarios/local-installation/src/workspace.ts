import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The root folder of this checkout. The calling file can be anywhere in it, bundled or not. */
export function workspaceRoot(from: string = import.meta.dirname): string {
  if (existsSync(join(from, 'nx.json'))) return from;
  const parent = dirname(from);
  if (parent === from)
    throw new Error('Not inside a checkout of ECR Anywhere: no nx.json in any parent folder');
  return workspaceRoot(parent);
}

/** The bundle of one of the two programs, as `nx build` makes it. */
export function programFile(app: 'webhook' | 'refresher'): string {
  const file = join(workspaceRoot(), 'apps', app, 'dist', 'main.js');
  if (!existsSync(file)) throw new Error(`${file} is missing: run "npx nx build @ecr-anywhere/${app}" first`);
  return file;
}
