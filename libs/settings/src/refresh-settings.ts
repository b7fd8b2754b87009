import * as z from 'zod';
import { REFRESH_DEFAULTS } from './refresh-defaults.ts';
import { duration, registryHosts } from './setting-types.ts';

/** The settings that the webhook and the refresher have to agree on. The chart gives the same values to both. */
export const refreshSettings = {
  /** A Secret is due when its credentials have no more than this left to live. */
  REFRESH_THRESHOLD: duration(REFRESH_DEFAULTS.REFRESH_THRESHOLD),
  /** While AWS does not answer, a cached token is used only if it lives longer than the threshold and this margin. */
  REFRESH_MARGIN: duration(REFRESH_DEFAULTS.REFRESH_MARGIN),
  /** Registry hosts that get the token, beside the token's own. */
  REGISTRY_HOSTS: registryHosts(),
  /** The file with the profiles beside the default one. */
  PROFILES_FILE: z.string().optional(),
} as const;
