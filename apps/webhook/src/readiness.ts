import type { PeerAnswer } from './peer-question.ts';

/** What readiness is judged by. */
export interface ReadinessState {
  readonly isDraining: boolean;
  readonly hasCertificate: boolean;
  /** Whether there ever was a token; an outage afterwards makes nobody unready. */
  readonly hadToken: boolean;
}

/** Why a replica takes no requests; undefined where it does. */
export type Unready = string | undefined;

/**
 * Two promises pull in different directions. A rollout with wrong AWS settings must not replace replicas that work: so a
 * replica without a first token is unready while another one may hold a token. A first installation with wrong settings
 * must refuse with the reason, not with "no endpoints available": so otherwise it is ready.
 */
export async function readiness(state: ReadinessState, peers: () => Promise<PeerAnswer>): Promise<Unready> {
  if (state.isDraining) return 'shutting down';
  if (!state.hasCertificate) return 'no certificate yet';
  return state.hadToken ? undefined : WHILE_PEERS[await peers()];
}

const WHILE_PEERS: Readonly<Record<PeerAnswer, Unready>> = {
  holds: 'no token yet, while another replica holds one',
  unclear: 'no token yet, and another replica that may hold one does not answer properly',
  none: undefined,
};
