import { createHash } from 'node:crypto';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import { readCertificateFile } from './certificate-file.ts';
import { isBetter, isValidUnlike, phaseAt, type Validity } from './certificate-choice.ts';
import { keyPair, type KeyPair, type KeyPairFiles } from './key-pair.ts';

/** Where the pair is, and who wants to know. */
export interface CertificateOptions extends KeyPairFiles {
  readonly interval: Milliseconds;
  /** The time by which certificates are judged. It may be corrected while the program runs. */
  readonly now: () => number;
  /** Told of each pair that is to be served from now on. */
  onPair(pair: KeyPair): void;
  /** Told once for each state of the files that is of no use; of one that follows a pair in use, when it stays for two looks. */
  onIgnored(problem: string): void;
  /** Told once of a pair in use that is not valid, as there is nothing better. */
  onInvalid(problem: string): void;
}

/** Follows the files of a certificate. */
export interface CertificateWatch {
  readonly inUse: KeyPair | undefined;
  /** Looks now. */
  check(): void;
  stop(): void;
}

/**
 * Reads the files again and again, and hands on each new pair that is better than the one in use. Their content is
 * compared, not their times: kubelet swaps a symbolic link two levels up, which file system events do not reliably show. A
 * pair of which one half is already new does not belong together; it is ignored until the other half has come, and nobody
 * hears of it unless it is still so at the next look. What is ignored is judged again at each look: it may become valid,
 * the one in use may end, and the clock may be corrected.
 */
export function watchCertificate(options: CertificateOptions): CertificateWatch {
  const { interval, now, onPair } = options;
  const tellIgnored = oncePerState(options.onIgnored);
  const tellInvalid = oncePerState(options.onInvalid);
  let found: Found | undefined;
  let inUse: KeyPair | undefined;
  let replaced: KeyPair | undefined;

  const use = (pair: KeyPair) => {
    [replaced, inUse] = [inUse, pair];
    onPair(pair);
  };
  const check = () => {
    const before = found;
    found = read(options, before);
    const { content } = found;
    const time = now();
    if (content !== inUse && typeof content !== 'string' && isBetter(content, inUse, time)) use(content);
    // The one in use may have ended sooner than the one before it, or the clock by which it was chosen was wrong.
    else if (replaced && inUse && isValidUnlike(replaced, inUse, time)) use(replaced);
    const ignored = content === inUse ? undefined : whyIgnored(found, options, time);
    const mayBeHalf = inUse !== undefined && found.id !== before?.id;
    if (ignored === undefined || !mayBeHalf) tellIgnored(ignored);
    tellInvalid(inUse && whyInvalid(inUse, time));
  };
  check();
  const timer = setInterval(check, interval);
  timer.unref();
  return {
    get inUse() {
      return inUse;
    },
    check,
    stop: () => clearInterval(timer),
  };
}

/** What the files hold: a pair, or why there is none. `id` tells one content from another. */
interface Found {
  readonly id: string;
  readonly content: KeyPair | string;
}

/** What was found before is not taken apart again. */
function read(files: KeyPairFiles, before: Found | undefined): Found {
  const { certFile, keyFile } = files;
  try {
    const [cert, key] = [readCertificateFile(certFile), readCertificateFile(keyFile)];
    const id = createHash('sha256').update(cert).update('\0').update(key).digest('hex');
    return id === before?.id ? before : { id, content: keyPair(cert, key, files) };
  } catch (error) {
    const problem = (error as Error).message;
    return { id: problem, content: problem };
  }
}

interface Problem {
  /** The same as long as it is the same problem. */
  readonly state: string;
  readonly text: string;
}

function whyIgnored({ id, content }: Found, { certFile }: KeyPairFiles, time: number): Problem | undefined {
  if (typeof content === 'string') return { state: id, text: content };
  const invalid = whyInvalid(content, time);
  return invalid && { state: `${id} ${invalid.state}`, text: `${certFile}: ${invalid.text}` };
}

function whyInvalid(validity: Validity, time: number): Problem | undefined {
  const iso = (one: number) => new Date(one).toISOString();
  switch (phaseAt(validity, time)) {
    case 'early': {
      const state = `is not valid before ${iso(validity.notBefore)}`;
      return { state, text: `the certificate ${state}, and it is ${iso(time)}` };
    }
    case 'valid':
      return undefined;
    case 'ended': {
      const state = `ended at ${iso(validity.notAfter)}`;
      return { state, text: `the certificate, or one of its chain, ${state}, and it is ${iso(time)}` };
    }
  }
}

/** Tells of each problem that comes, not of the same one that is still there. */
function oncePerState(tell: (problem: string) => void) {
  let last: Problem | undefined;
  return (problem: Problem | undefined) => {
    if (problem !== undefined && problem.state !== last?.state) tell(problem.text);
    last = problem;
  };
}
