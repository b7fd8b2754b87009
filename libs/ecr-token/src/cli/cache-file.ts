import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EcrToken } from '../token/token.ts';

/** A token from the cache that has not expired. */
export interface Kept {
  readonly token: EcrToken;
  /** Whether it has more than half of its life left. */
  readonly isYoung: boolean;
}

/** One token in a file that only its owner can read. */
export interface CacheFile {
  read(): Promise<Kept | undefined>;
  write(token: EcrToken): Promise<void>;
}

/** A token that expires sooner could expire while it is used. */
const LEAST_LIFE = 5 * 60_000;

/** The largest file in bytes. A token is a few thousand. */
const LARGEST = 65_536;

/**
 * The cache file of one identity and region. A failure to read or write it is only a warning: the token then costs a
 * call to AWS. Writing renames a new file, so that two processes do not disturb each other. An existing folder is not
 * changed. It may be shared, such as /tmp, so only a file that belongs to the user is read.
 */
export function cacheFile(folder: string, identity: unknown, complain: (line: string) => void): CacheFile {
  const key = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
  const file = join(folder, `${key}.json`);
  return {
    async read() {
      try {
        const text = await readOwn(file);
        return text === undefined ? undefined : parse(text, Date.now());
      } catch (error) {
        complain(`warning: the cached token in ${file} is not used: ${reasonOf(error)}`);
        return undefined;
      }
    },
    async write(token) {
      const draft = `${file}.${randomUUID()}`;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await writeFile(draft, serialize(token), { mode: 0o600, flag: 'wx' });
        await rename(draft, file);
      } catch (error) {
        complain(`warning: the token could not be cached in ${file}: ${reasonOf(error)}`);
        await rm(draft, { force: true }).catch(() => undefined);
      }
    },
  };
}

async function readOwn(file: string): Promise<string | undefined> {
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return undefined;
  if (!found.isFile()) throw new Error('it is not a file');
  // Meanwhile the file may have been replaced by a link, or by a pipe on which this process would hang.
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { mode, uid, size } = await handle.stat();
    if (size > LARGEST) throw new Error('it is too large');
    if ((mode & 0o077) !== 0) throw new Error('others may read it');
    if (process.getuid !== undefined && uid !== process.getuid())
      throw new Error('it belongs to somebody else');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

interface Stored {
  readonly username: string;
  readonly password: string;
  readonly region: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
  readonly proxyEndpoint?: string | undefined;
}

function serialize({ username, password, region, issuedAt, expiresAt, proxyEndpoint }: EcrToken): string {
  const stored: Stored = {
    username,
    password,
    region,
    issuedAt: issuedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    proxyEndpoint,
  };
  return JSON.stringify(stored);
}

function parse(text: string, now: number): Kept | undefined {
  const stored = parseStored(text);
  const issuedAt = new Date(stored.issuedAt);
  const expiresAt = new Date(stored.expiresAt);
  const left = expiresAt.getTime() - now;
  if (!(left > LEAST_LIFE)) return undefined;
  return {
    token: new EcrToken({ ...stored, issuedAt, expiresAt }),
    isYoung: left > (expiresAt.getTime() - issuedAt.getTime()) / 2,
  };
}

function parseStored(text: string): Stored {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('it is not JSON'); // the message of V8 quotes the text
  }
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Readonly<
    Record<string, unknown>
  >;
  for (const name of ['username', 'password', 'region', 'issuedAt', 'expiresAt', 'proxyEndpoint']) {
    if (typeof fields[name] !== 'string' || fields[name] === '') throw new Error(`it has no ${name}`);
  }
  return fields as unknown as Stored;
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
