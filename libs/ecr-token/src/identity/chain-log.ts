/** What the SDK's default chain says while it looks for credentials; it would write to the console. */
export interface ChainLog {
  /** For the SDK. */
  readonly logger: Readonly<Record<'debug' | 'info' | 'warn' | 'error', (line: unknown) => void>>;
  /** Why there are no credentials, a line for each reason. */
  reasons(): string;
  /** Where it looked last, in words: what found credentials, where it found any. */
  lastSource(): string | undefined;
}

/** Listens to one look-up. The chain tells its links apart, and why each has nothing, in this log alone. */
export function chainLog(profile: string): ChainLog {
  const lines: string[] = [];
  return {
    logger: { debug: (line) => lines.push(String(line)), info: ignore, warn: ignore, error: ignore },
    // Of instance metadata nothing is said: everywhere but on EC2 it cannot be reached.
    reasons: () => lines.filter((line) => !/instance metadata/i.test(line)).join('\n'),
    lastSource: () => {
      const link = lines.map((line) => /(?:default|remote)Provider::(\w+)/.exec(line)?.[1]).findLast(Boolean);
      return wordsFor(link, profile);
    },
  };
}

function wordsFor(link: string | undefined, profile: string): string | undefined {
  switch (link) {
    case 'fromEnv':
      return 'the keys in AWS_ACCESS_KEY_ID';
    case 'fromIni':
    case 'fromProcess':
      return `the profile ${profile}`;
    case 'fromTokenFile':
      return 'the web identity token in AWS_WEB_IDENTITY_TOKEN_FILE';
    case 'fromHttp':
      return 'container metadata';
    case 'fromInstanceMetadata':
      return 'instance metadata';
    default:
      return undefined;
  }
}

function ignore(): void {
  return undefined;
}
