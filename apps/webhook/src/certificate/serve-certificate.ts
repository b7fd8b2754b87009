import { phaseAt } from './certificate-choice.ts';
import { watchCertificate } from './watch-certificate.ts';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { KeyPair, KeyPairFiles } from './key-pair.ts';
import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';

/** Whether there is a certificate, and whether one was ever valid. The end of a valid one makes no replica unready. */
export type CertificateState = 'none' | 'never-valid' | 'was-valid';

/** The certificate of this process. */
export interface ServedCertificate {
  readonly state: CertificateState;
  stop(): void;
}

export interface ServeCertificateOptions extends KeyPairFiles {
  readonly certCheckInterval: Milliseconds;
}

/** Who serves the certificate, and by which clock it is judged. */
export interface CertificateServer {
  readonly use: (pair: KeyPair) => void;
  readonly now: () => number;
}

/** Serves the best certificate that the files have held. Logs and counts each change. */
export function serveCertificate(
  { certFile, keyFile, certCheckInterval }: ServeCertificateOptions,
  log: Logger,
  metrics: Metrics,
  { use, now }: CertificateServer,
): ServedCertificate {
  let hasOne = false;
  let wasValid = false;
  const watch = watchCertificate({
    certFile,
    keyFile,
    interval: certCheckInterval,
    now,
    onPair(pair) {
      use(pair);
      hasOne = true;
      metrics.certificateReload('ok');
      metrics.certificateExpiry(pair.notAfter);
      log.info({ notAfter: new Date(pair.notAfter) }, 'a TLS certificate was taken into use');
    },
    onIgnored(problem) {
      metrics.certificateReload('failed');
      log.error({ problem }, hasOne ? 'a new TLS certificate is ignored' : 'there is no TLS certificate yet');
    },
    onInvalid: (problem) =>
      log.error({ problem }, 'the TLS certificate in use is not valid, and there is no better one'),
  });
  return {
    get state() {
      const { inUse } = watch;
      if (inUse === undefined) return 'none';
      wasValid ||= phaseAt(inUse, now()) === 'valid';
      return wasValid ? 'was-valid' : 'never-valid';
    },
    stop: () => watch.stop(),
  };
}
