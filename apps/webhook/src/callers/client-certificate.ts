import type { Milliseconds } from '@ecr-anywhere/settings';
import { watchFiles, type FileWatch } from '../files/watch-files.ts';
import { caCertificates, pemOf } from './ca-certificates.ts';
import type { Caller, CallerCheck, CallerRefusal } from './caller-check.ts';
import { certificateRefusal } from './certificate-refusal.ts';
import type { TrustReport } from './trust-report.ts';

/** Where CA and names are, and the paths of reviews. */
export interface ClientCertificateOptions {
  readonly paths: readonly string[];
  /** PEM. */
  readonly caFile: string;
  /** One common name a line. */
  readonly namesFile: string;
  readonly interval: Milliseconds;
  readonly now: () => number;
  readonly report: TrustReport;
}

/** Takes reviews from clients with a certificate of a CA and one of some names. */
export function clientCertificate(options: ClientCertificateOptions): CallerCheck {
  const { paths, caFile, namesFile, interval, now, report } = options;
  let files: FileWatch<Trusted> | undefined;
  const refusal = ({ client }: Caller): CallerRefusal | undefined => {
    const names = files?.value?.names;
    return names === undefined
      ? { reason: 'no_trust_yet', text: 'there is no CA yet' }
      : certificateRefusal(client, { names, now: now() });
  };
  return {
    mode: 'clientCertificate',
    asksForCertificate: true,
    routes: paths.map((path) => ({ path, serves: 'reviews', refusal })),
    start(trust) {
      files = watchFiles({
        files: [caFile, namesFile],
        interval,
        parse: ([ca = '', names = '']) => ({
          ca: pemOf(caCertificates(ca, caFile)),
          names: namesOf(names, namesFile),
        }),
        onValue({ ca }) {
          trust(ca);
          report.taken();
        },
        onProblem: ({ message }) => report.failed(message),
      });
    },
    stop: () => files?.stop(),
    unready: () => report.unready,
  };
}

interface Trusted {
  readonly ca: string;
  readonly names: readonly string[];
}

/** @throws Error that names the file */
function namesOf(text: string, file: string): readonly string[] {
  const names = text.split('\n').map((line) => line.trim());
  const given = names.filter((name) => name !== '');
  if (given.length === 0)
    throw new Error(`${file} holds no name; expected the allowed common names, one a line`);
  return given;
}
