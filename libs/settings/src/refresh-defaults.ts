// This file imports nothing, so that the help of the refresher can show the defaults without loading the rest.

/** The defaults of settings that the webhook and the refresher share, as they are written in the environment. */
export const REFRESH_DEFAULTS = { REFRESH_THRESHOLD: '6h', REFRESH_MARGIN: '30m' } as const;
