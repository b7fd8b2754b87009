import type { CertificateState } from '../certificate/serve-certificate.ts';
import type { PeerAnswer } from './peer-question.ts';

/** What readiness depends on. */
export interface ReadinessState {
  readonly isDraining: boolean;
  readonly certificate: CertificateState;
  /** Whether this replica ever had a token. Once it had one, no outage makes it unready. */
  readonly hadToken: boolean;
}

/** Why a replica is not ready; undefined if it is ready. */
export type Unready = string | undefined;

/**
 * Two promises conflict:
 *
 * - A rollout with wrong settings must not replace replicas that work. So a replica that never had a token, or never had
 *   a valid certificate, is not ready while another replica may hold a token.
 * - A first installation with wrong settings must refuse writes with the reason, not with "no endpoints available". So a
 *   replica without a token is ready if no other replica holds one.
 */
export async function readiness(state: ReadinessState, peers: () => Promise<PeerAnswer>): Promise<Unready> {
  if (state.isDraining) return 'shutting down';
  if (state.certificate === 'none') return 'no certificate yet';
  if (!state.hadToken) return WITHOUT_TOKEN[await peers()];
  if (state.certificate === 'never-valid') return WITHOUT_VALID_CERTIFICATE[await peers()];
  return undefined;
}

const WITHOUT_TOKEN: Readonly<Record<PeerAnswer, Unready>> = {
  holds: 'no token yet, while another replica holds one',
  unclear: 'no token yet, and another replica that may hold one does not answer properly',
  none: undefined,
};

const WITHOUT_VALID_CERTIFICATE: Readonly<Record<PeerAnswer, Unready>> = {
  holds: 'the certificate is not valid, while another replica works',
  // The unclear answer may be this replica's own, whose certificate has expired. A replica that works answers clearly.
  unclear: undefined,
  none: undefined,
};
