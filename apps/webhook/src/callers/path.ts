import { createHash, timingSafeEqual } from 'node:crypto';
import type { Milliseconds } from '@ecr-anywhere/settings';
import { watchFiles, type FileWatch } from '../files/watch-files.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { Caller, CallerCheck, CallerRefusal } from './caller-check.ts';
import type { TrustReport } from './trust-report.ts';

/** Where the keys are, and below which paths they are expected. */
export interface PathOptions {
  readonly paths: readonly string[];
  /** One key a line. */
  readonly file: string;
  readonly interval: Milliseconds;
  readonly report: TrustReport;
  readonly metrics: Pick<Metrics, 'callerKeys'>;
}

/** The current key, the one before it, and two more for whoever is slow. */
const MOST_KEYS = 4;

/** Of 64 characters each: 32 of them cannot be guessed. */
const KEY = /^[\w-]{32,128}$/;

/** Takes reviews from whoever knows a key, which is the last part of the path: `/sync/KEY`. */
export function path({ paths, file, interval, report, metrics }: PathOptions): CallerCheck {
  let files: FileWatch<Digests> | undefined;
  const refusal = ({ params }: Caller): CallerRefusal | undefined => {
    const digests = files?.value;
    if (digests === undefined) return { reason: 'no_trust_yet', text: 'there are no keys yet' };
    return isOneOf(digests, params['key'] ?? '')
      ? undefined
      : { reason: 'wrong_key', text: 'the path ends with a wrong key' };
  };
  return {
    mode: 'path',
    routes: paths.map((one) => ({ path: keyPath(one), serves: 'reviews', refusal })),
    start() {
      files = watchFiles({
        files: [file],
        interval,
        parse: ([text = '']) => digestsOf(text, file),
        onValue(digests) {
          metrics.callerKeys(digests.length);
          report.taken();
        },
        onProblem: ({ message }) => report.failed(message),
      });
    },
    stop: () => files?.stop(),
    unready: () => report.unready,
  };
}

/** The route of reviews whose path ends with a key. */
export function keyPath(path: string): string {
  return `${path.replace(/\/$/, '')}/:key`;
}

/** SHA-256 of each key. */
type Digests = readonly Buffer[];

/** @throws Error that names the file and does not quote it */
function digestsOf(text: string, file: string): Digests {
  const keys = text.split('\n').map((line) => line.trim());
  const given = keys.filter((key) => key !== '');
  if (given.length === 0 || given.length > MOST_KEYS)
    throw new Error(`${file} holds ${given.length} keys; expected 1 to ${MOST_KEYS}, one a line`);
  const wrong = keys.findIndex((key) => key !== '' && !KEY.test(key));
  if (wrong >= 0)
    throw new Error(
      `${file}: line ${wrong + 1} is no key; expected 32 to 128 characters of A-Z, a-z, 0-9, _ and -`,
    );
  return given.map(digestOf);
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

/** The time that this takes depends neither on the key nor on which of them it is. */
function isOneOf(digests: Digests, key: string): boolean {
  const digest = digestOf(key);
  return digests.filter((one) => timingSafeEqual(one, digest)).length > 0;
}
