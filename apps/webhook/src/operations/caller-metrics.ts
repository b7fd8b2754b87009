import { Counter, Gauge, type Registry } from 'prom-client';

/** Why a caller was refused. */
export type RefusedCallerReason =
  /** It showed no client certificate. */
  | 'no_certificate'
  /** No CA that the webhook trusts has issued its certificate, or not for clients. */
  | 'untrusted_certificate'
  | 'expired_certificate'
  /** Its certificate has a common name that is not allowed. */
  | 'other_name'
  /** Its connection is older than the CAs that the webhook trusts now. */
  | 'earlier_trust'
  /** The API server passed on the request of another user. */
  | 'other_user'
  /** The key in the path is not one of the keys. */
  | 'wrong_key'
  /** The path is that of another mode. */
  | 'other_mode'
  /** The webhook does not know yet what to trust. */
  | 'no_trust_yet';

/** Counts who may ask and who may not, and shows by what. */
export interface CallerMetrics {
  /** @param mode - the strongest mode whose check accepted */
  acceptedCaller(mode: string): void;
  /** Shows that the mode is accepted, before anybody has asked in it. */
  acceptedMode(mode: string): void;
  /** @param mode - the mode of the check that refused */
  refusedCaller(mode: string, reason: RefusedCallerReason): void;
  callerTrustReload(outcome: 'ok' | 'failed'): void;
  /** @param isOutdated - whether what the mode trusts could not be read or used at the last look */
  callerTrustOutdated(mode: string, isOutdated: boolean): void;
  weakerCallerMode(mode: string): void;
  /** @param count - the keys that the path may end with */
  callerKeys(count: number): void;
}

export function callerMetrics(registry: Registry): CallerMetrics {
  const registers = [registry];
  const accepted = new Counter({
    name: 'ecr_anywhere_accepted_callers_total',
    help: 'Requests at a path of reviews whose sender was accepted, by the strongest mode that accepts it; 0 for each other mode in use',
    labelNames: ['mode'],
    registers,
  });
  const refused = new Counter({
    name: 'ecr_anywhere_refused_callers_total',
    help: 'Requests that were refused because of who sent them, by the mode of the check and the reason',
    labelNames: ['mode', 'reason'],
    registers,
  });
  const reloads = new Counter({
    name: 'ecr_anywhere_caller_trust_reloads_total',
    help: 'What caller checks trust (CAs, names, keys): ok if a change was taken into use, failed if it could not be read or used',
    labelNames: ['outcome'],
    registers,
  });
  const outdated = new Gauge({
    name: 'ecr_anywhere_caller_trust_outdated',
    help: '1 while what the mode trusts (CAs, names, keys) cannot be read or used; what was read before stays in use',
    labelNames: ['mode'],
    registers,
  });
  const weaker = new Gauge({
    name: 'ecr_anywhere_callers_weaker_mode',
    help: '1 for each mode of CALLER_ALSO_ACCEPT that is weaker than CALLER_MODE',
    labelNames: ['mode'],
    registers,
  });
  const keys = new Gauge({
    name: 'ecr_anywhere_caller_keys',
    help: 'Keys that the mode path accepts; 0 in other modes',
    registers,
  });
  return {
    acceptedCaller: (mode) => accepted.inc({ mode }),
    acceptedMode: (mode) => accepted.inc({ mode }, 0),
    refusedCaller: (mode, reason) => refused.inc({ mode, reason }),
    callerTrustReload: (outcome) => reloads.inc({ outcome }),
    callerTrustOutdated: (mode, isOutdated) => outdated.set({ mode }, isOutdated ? 1 : 0),
    weakerCallerMode: (mode) => weaker.set({ mode }, 1),
    callerKeys: (count) => keys.set(count),
  };
}
