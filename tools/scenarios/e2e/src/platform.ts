import { releases } from './installed/platform.ts';
import { processes } from './processes.ts';
import type { Platform } from './scenario-platform.ts';

export type * from './scenario-platform.ts';

/** With `CLUSTER=installed`, the images, installed by helm. Otherwise processes, on the cluster that stage.ts chooses. */
export const platform: Platform = process.env['CLUSTER'] === 'installed' ? releases : processes;
