import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from '../operations/log.ts';
import type { Metrics } from '../operations/metrics.ts';
import type { CallerCheck, CallerRefusal, CallerRoute } from './caller-check.ts';
import { STRENGTH, type CallerMode } from './caller-settings.ts';
import { TlsClients } from './tls-clients.ts';
import { announceWeakerModes } from './weaker-modes.ts';

/** Everybody who may ask, and at which paths. */
export interface Callers {
  readonly modes: readonly CallerMode[];
  readonly routes: readonly GuardedRoute[];
  /** Gets what TLS finds out about clients; undefined if TLS asks for no certificates. */
  readonly clients: TlsClients | undefined;
  /** Whether the CAs have changed since the handshake of a connection: its client has to connect again to be recognized. */
  isOutdated(socket: Socket): boolean;
  start(trust: (ca: string) => void): void;
  stop(): void;
  /** Why this replica cannot tell callers apart yet; undefined if it can. */
  unready(): string | undefined;
}

/** A path, and all checks that bring it, the strongest first. */
export interface GuardedRoute extends Pick<CallerRoute, 'path' | 'serves'> {
  /** Why a request is refused; undefined if one of the checks accepts it. Both are counted here. */
  refusal(
    request: IncomingMessage,
    params: Readonly<Record<string, string>>,
  ): (CallerRefusal & { readonly mode: CallerMode }) | undefined;
}

/** Where operators see what happens. */
export interface CallersOptions {
  readonly log: Logger;
  readonly metrics: Metrics;
}

/** Puts checks together: at each path, it is enough that one of them accepts. The first check is that of CALLER_MODE. */
export function createCallers(
  checks: readonly [CallerCheck, ...CallerCheck[]],
  { log, metrics }: CallersOptions,
): Callers {
  const clients = new TlsClients();
  const asksForCertificate = checks.some((check) => check.asksForCertificate);
  const [first, ...others] = checks;
  const modes = [first.mode, ...others.map(({ mode }) => mode)] as const;
  let stopAnnouncing: () => void = () => undefined;
  return {
    modes,
    clients: asksForCertificate ? clients : undefined,
    isOutdated: (socket) => asksForCertificate && clients.of(socket) === undefined,
    routes: [...byPath(checks)].map(([path, all]) => ({
      path,
      serves: all[0].serves,
      refusal(request, params) {
        const caller = { request, params, client: clients.of(request.socket) };
        let firstRefusal: ReturnType<GuardedRoute['refusal']>;
        for (const { mode, serves, refusal } of all) {
          const refused = refusal(caller);
          if (refused === undefined) {
            if (serves === 'reviews') metrics.acceptedCaller(mode);
            return undefined;
          }
          firstRefusal ??= { mode, ...refused };
        }
        if (firstRefusal) metrics.refusedCaller(firstRefusal.mode, firstRefusal.reason);
        return firstRefusal;
      },
    })),
    start(trust) {
      for (const mode of modes) metrics.acceptedMode(mode);
      for (const check of checks) check.start?.(trust);
      stopAnnouncing = announceWeakerModes(modes, log, metrics);
    },
    stop() {
      stopAnnouncing();
      for (const check of checks) check.stop?.();
    },
    unready: () => checks.map((check) => check.unready?.()).find((why) => why !== undefined),
  };
}

type CheckedRoute = CallerRoute & Pick<CallerCheck, 'mode'>;

/** The strongest check is asked first. So the metric counts a caller under the strongest mode that it passes. */
function byPath(
  checks: readonly CallerCheck[],
): ReadonlyMap<string, readonly [CheckedRoute, ...CheckedRoute[]]> {
  const paths = new Map<string, [CheckedRoute, ...CheckedRoute[]]>();
  const strongestFirst = checks.toSorted((one, other) => STRENGTH[other.mode] - STRENGTH[one.mode]);
  for (const { mode, routes } of strongestFirst)
    for (const route of routes) {
      const all = paths.get(route.path);
      if (all === undefined) paths.set(route.path, [{ ...route, mode }]);
      else all.push({ ...route, mode });
    }
  return paths;
}
