import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { observe } from './observe.ts';
import { writeSetup, type Case, type Setup } from './setup.ts';
import type { World } from './world.ts';

/** Gives the reason where the request could not be made. */
export type Ask = (folder: string, setup: Setup) => Promise<string | undefined>;

/** Sets one row of the table up in a folder of its own, and tells what comes of it. */
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
