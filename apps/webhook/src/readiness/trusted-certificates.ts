import { isMissing } from '@ecr-anywhere/kubernetes/files';
import { watchFiles } from '../files/watch-files.ts';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Logger } from '../operations/log.ts';

/** Where the certificates are. */
export interface TrustOptions {
  /** There may be no such file. */
  readonly caFile: string;
  readonly certFile: string;
  readonly certCheckInterval: Milliseconds;
}

/** The certificates by which a replica trusts another one. */
export interface TrustedCertificates {
  /** PEM; undefined if no file holds any. */
  readonly pem: string | undefined;
  stop(): void;
}

/**
 * The certificates of the CA. If there is no file of the CA, it is the certificate that all replicas share. A file that
 * exists and cannot be read is logged once, and ignored.
 */
export function trustedCertificates(
  { caFile, certFile, certCheckInterval }: TrustOptions,
  log: Pick<Logger, 'error'>,
): TrustedCertificates {
  const watch = (file: string) =>
    watchFiles({
      files: [file],
      interval: certCheckInterval,
      parse: ([pem = '']) => pem,
      onProblem({ message, cause }) {
        if (!isMissing(cause)) log.error({ problem: message }, 'a file of CAs is ignored');
      },
    });
  const files = [watch(caFile), watch(certFile)];
  return {
    get pem() {
      return files.map(({ value }) => value).find(Boolean);
    },
    stop() {
      for (const file of files) file.stop();
    },
  };
}
