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
 * replica without a first token is unready while another one that holds a token answers. A first installation with
 * wrong settings must refuse with the reason, not with "no endpoints available": so otherwise it is ready.
 */
export async function readiness(
  state: ReadinessState,
  peerHasToken: () => Promise<boolean>,
): Promise<Unready> {
  if (state.isDraining) return 'shutting down';
  if (!state.hasCertificate) return 'no certificate yet';
  if (!state.hadToken && (await peerHasToken())) return 'no token yet, while another replica holds one';
  return undefined;
}
