import type { AwsClientOptions } from '../../connection/client-options.ts';
import type { Environment } from '../../settings/environment.ts';
import type { Milliseconds } from '../../settings/milliseconds.ts';
import { readSharedConfig } from '../../settings/shared-config.ts';
import { refusal } from '../../errors/refusal.ts';
import { SOURCES } from '../chain/index.ts';
import type { Found, SourceContext } from '../chain/link.ts';
import type { Sts } from '../../services/sts.ts';

/** What looking for credentials takes. */
export interface DefaultChainOptions {
  readonly client: AwsClientOptions;
  /** Assumes the roles that profiles name. */
  readonly service: Sts;
  readonly sessionName?: string | undefined;
  /** How long a program or a service may take that gives credentials; 10 s by default. */
  readonly limit?: Milliseconds | undefined;
  /** `process.env` by default. */
  readonly env?: Environment | undefined;
}

const LIMIT: Milliseconds = 10_000;

/**
 * What the first of the {@link SOURCES} gives that is configured, looked for anew each time, so that what rotates takes
 * effect. Whoever asks while a look-up is under way joins it, so that no `credential_process` runs twice at a time.
 *
 * @throws what it returns throws `EcrTokenError`
 */
export function fromDefaultChain(options: DefaultChainOptions): () => Promise<Found> {
  let pending: Promise<Found> | undefined;
  return () =>
    (pending ??= find(options).finally(() => {
      pending = undefined;
    }));
}

async function find({ limit = LIMIT, env = process.env, ...options }: DefaultChainOptions): Promise<Found> {
  const context: SourceContext = { ...options, env, limit, config: await readSharedConfig(env) };
  const notes: string[] = [];
  for (const source of SOURCES) {
    const found = await source.obtain(context);
    if (!('absent' in found)) return found;
    notes.push(...found.notes);
  }
  throw refusal(
    'credentials-missing',
    ['No AWS credentials were found', ...(notes.length === 0 ? [] : [notes.join('; ')])].join(': '),
    'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile (and AWS_PROFILE to its name), a web identity or another source that the AWS SDK knows',
  );
}
