import type { Milliseconds } from '@ecr-anywhere/settings';
import { watchFiles } from '../files/watch-files.ts';
import { isBetter, isValidUnlike, phaseAt } from './certificate-choice.ts';
import { keyPair, type KeyPair, type KeyPairFiles } from './key-pair.ts';

/** The files of the key pair, and the functions that get each change. */
export interface CertificateOptions extends KeyPairFiles {
  readonly interval: Milliseconds;
  /** The time by which certificates are judged. It may be corrected while the program runs. */
  readonly now: () => number;
  /** Called for each pair that is to be served from now on. */
  onPair(pair: KeyPair): void;
  /** Called once for each content of the files that is not served. */
  onIgnored(problem: string): void;
  /** Called once for a pair that is served and not valid, since there is nothing better. */
  onInvalid(problem: string): void;
}

/** The certificate that is served, chosen among all that the files have held. */
export interface CertificateWatch {
  readonly inUse: KeyPair | undefined;
  /** Looks at the files now. */
  look(): void;
  stop(): void;
}

/**
 * Watches the files of a certificate, and hands on each pair that is better than the one in use. A pair that is not
 * handed on is judged again at each look: it may become valid, the one in use may end, and the clock may be corrected.
 */
export function watchCertificate(options: CertificateOptions): CertificateWatch {
  const { certFile, keyFile, interval, now, onPair, onIgnored } = options;
  const reportIgnored = oncePerState(onIgnored);
  const reportInvalid = oncePerState(options.onInvalid);
  let found: KeyPair | undefined;
  let inUse: KeyPair | undefined;
  let replaced: KeyPair | undefined;

  const use = (pair: KeyPair) => {
    [replaced, inUse] = [inUse, pair];
    onPair(pair);
  };
  const judge = () => {
    const time = now();
    if (found && found !== inUse && isBetter(found, inUse, time)) use(found);
    // The pair in use may have expired sooner than the one before it, or was chosen by a wrong clock.
    else if (replaced && inUse && isValidUnlike(replaced, inUse, time)) use(replaced);
    const ignored = found && found !== inUse ? whyInvalid(found, time) : undefined;
    reportIgnored(ignored && { ...ignored, text: `${certFile}: ${ignored.text}` });
    reportInvalid(inUse && whyInvalid(inUse, time));
  };
  const files = watchFiles({
    files: [certFile, keyFile],
    interval,
    parse: ([cert = '', key = '']) => keyPair(cert, key, { certFile, keyFile }),
    onValue: (pair) => (found = pair),
    onProblem: ({ message }) => onIgnored(message),
    onLook: judge,
  });
  return {
    get inUse() {
      return inUse;
    },
    look: () => files.look(),
    stop: () => files.stop(),
  };
}

/** Why a pair is not valid at a time. */
interface Invalid {
  readonly pair: KeyPair;
  /** Does not change with the time. */
  readonly state: string;
  readonly text: string;
}

function whyInvalid(pair: KeyPair, time: number): Invalid | undefined {
  const iso = (one: number) => new Date(one).toISOString();
  switch (phaseAt(pair, time)) {
    case 'early': {
      const state = `is not valid before ${iso(pair.notBefore)}`;
      return { pair, state, text: `the certificate ${state}, and it is ${iso(time)}` };
    }
    case 'valid':
      return undefined;
    case 'expired': {
      const state = `expired at ${iso(pair.notAfter)}`;
      return { pair, state, text: `the certificate, or one of its chain, ${state}, and it is ${iso(time)}` };
    }
  }
}

/** Reports each state once, and again after it was another. */
function oncePerState(report: (problem: string) => void) {
  let last: Invalid | undefined;
  return (invalid: Invalid | undefined) => {
    if (invalid && (invalid.pair !== last?.pair || invalid.state !== last.state)) report(invalid.text);
    last = invalid;
  };
}
