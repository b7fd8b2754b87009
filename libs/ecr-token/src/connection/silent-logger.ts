const ignore = () => undefined;

/** For credential providers of the AWS SDK, which otherwise write to the console. */
export const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
