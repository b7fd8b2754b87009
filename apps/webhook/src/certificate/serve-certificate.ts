import { phaseAt } from './certificate-choice.ts';
import { watchCertificate } from './watch-certificate.ts';
import type { Config } from '../config.ts';
import type { KeyPair } from './key-pair.ts';
import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';

/** Whether there is a certificate, and whether there ever was a valid one; its end afterwards makes nobody unready. */
export type CertificateState = 'none' | 'never-valid' | 'was-valid';

/** The certificate of this process. */
export interface ServedCertificate {
  readonly state: CertificateState;
  stop(): void;
}

/** What is served, and by which clock. */
export interface ServeCertificateOptions {
  readonly use: (pair: KeyPair) => void;
  readonly now: () => number;
}

/** Serves the best certificate that the files have held, with its logs and metrics. */
export function serveCertificate(
  config: Config,
  log: Logger,
  metrics: Metrics,
  { use, now }: ServeCertificateOptions,
): ServedCertificate {
  let hasOne = false;
  let wasValid = false;
  const watch = watchCertificate({
    certFile: config.certFile,
    keyFile: config.keyFile,
    interval: config.certCheckInterval,
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
