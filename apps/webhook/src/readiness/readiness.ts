import type { CertificateState } from '../certificate/serve-certificate.ts';
import type { PeerAnswer } from './peer-question.ts';

/** What readiness is judged by. */
export interface ReadinessState {
  readonly isDraining: boolean;
  readonly certificate: CertificateState;
  /** Whether there ever was a token; an outage afterwards makes nobody unready. */
  readonly hadToken: boolean;
}

/** Why a replica takes no requests; undefined where it does. */
export type Unready = string | undefined;

/**
 * Two promises pull in different directions. A rollout with wrong settings must not replace replicas that work: so a
 * replica that never had a token, or a valid certificate, is unready while another one may hold a token. A first
 * installation with wrong settings must refuse with the reason, not with "no endpoints available": so otherwise it is ready.
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
  // It may be this very replica, which does not trust its own certificate; one that works answers properly.
  unclear: undefined,
  none: undefined,
};
