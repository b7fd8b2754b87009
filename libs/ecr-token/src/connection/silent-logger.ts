const ignore = () => undefined;

/** For providers of the AWS SDK, which would write to the console: a library has none. */
export const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
