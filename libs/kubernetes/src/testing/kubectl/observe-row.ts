import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { observe } from './observe.ts';
import { writeSetup, type Case, type Setup } from './setup.ts';
import type { World } from './world.ts';

/** Makes a request. It returns the reason if that fails. */
export type Ask = (folder: string, setup: Setup) => Promise<string | undefined>;

/** Sets up one row of the table in a new folder, and observes the request. */
export async function observeRow(world: World, row: Case, ask: Ask): ReturnType<typeof observe> {
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  try {
    const setup = row.setup(world);
    writeSetup(folder, setup);
    return await observe(world, folder, () => ask(folder, setup));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
