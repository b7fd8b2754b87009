import { setTimeout as sleep } from 'node:timers/promises';
import type { Milliseconds } from '@ecr-anywhere/settings';
import type { Caller, CallerCheck, CallerRefusal } from './caller-check.ts';
import type { ApiResource } from './caller-settings.ts';
import { certificateRefusal } from './certificate-refusal.ts';
import type { FrontProxyTrust } from './front-proxy-trust.ts';
import type { TrustReport } from './trust-report.ts';

/** At which resource reviews arrive, and whom to take for the front proxy. */
export interface AggregatedOptions {
  readonly api: ApiResource;
  /** Reads whom to take for the front proxy. Throws an Error that says why it cannot. */
  readonly read: (signal: AbortSignal) => () => Promise<FrontProxyTrust>;
  readonly now: () => number;
  readonly report: TrustReport;
  /** Waits between two readings. */
  readonly wait?: (pause: Milliseconds, signal: AbortSignal) => Promise<unknown>;
}

const INTERVAL: Milliseconds = 60_000;
const FIRST_PAUSE: Milliseconds = 1_000;

/**
 * Takes reviews that arrive through the aggregation layer: the API server's front proxy sends them over mutual TLS, and says
 * in headers who asks. It asks for the API server itself, which calls its webhooks as `system:apiserver`.
 */
export function aggregated({ api, read, now, report, wait = pause }: AggregatedOptions): CallerCheck {
  const stop = new AbortController();
  let trusted: FrontProxyTrust | undefined;
  const proxyRefusal = ({ client }: Caller): CallerRefusal | undefined =>
    trusted === undefined
      ? { reason: 'no_trust_yet', text: 'the CA of the front proxy is not known yet' }
      : certificateRefusal(client, { names: trusted.names, now: now() });
  const { group, version, resource } = api;
  return {
    mode: 'aggregated',
    asksForCertificate: true,
    routes: [
      {
        path: `/apis/${group}/${version}/${resource}`,
        serves: 'reviews',
        refusal: (caller) => proxyRefusal(caller) ?? userRefusal(caller),
      },
      {
        path: `/apis/${group}/${version}`,
        serves: { document: resourceList(api) },
        refusal: proxyRefusal,
      },
      ...POLLED.map((path) => ({ path, serves: 'nothing', refusal: proxyRefusal }) as const),
    ],
    start(trust) {
      let last = '';
      const taken = (found: FrontProxyTrust) => {
        trusted = found;
        trust(found.ca);
        const now = JSON.stringify(found);
        if (now !== last) report.taken();
        last = now;
      };
      const failed = ({ message }: Error) => {
        last = message; // so that the next success is reported
        report.failed(message);
      };
      void repeat(read(stop.signal), { taken, failed, wait, signal: stop.signal });
    },
    stop: () => stop.abort(),
    unready: () => report.unready,
  };
}

/** What each API server asks for once a minute, and does without. */
const POLLED = ['/apis', '/openapi/v2', '/openapi/v3'];

/**
 * The API server calls itself as this user of this group. Whoever may act as both is an administrator of the cluster, and can
 * read every Secret anyway.
 */
const API_SERVER = { user: 'system:apiserver', group: 'system:masters' };

const MOST_LOGGED = 100;

/** Why a request is refused that the front proxy sent for a user. */
function userRefusal({ request }: Caller): CallerRefusal | undefined {
  const { 'x-remote-user': users = [], 'x-remote-group': groups = [] } = request.headersDistinct;
  const [user = ''] = users;
  if (users.length === 1 && user === API_SERVER.user && groups.includes(API_SERVER.group)) return undefined;
  return {
    reason: 'other_user',
    text: `the API server passed on a request of ${JSON.stringify(users.join().slice(0, MOST_LOGGED))}, not its own`,
  };
}

/** The discovery document. Whoever lists all resources, as garbage collection does, passes by one that can only be created. */
function resourceList({ group, version, resource }: ApiResource): object {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: `${group}/${version}`,
    resources: [
      {
        name: resource,
        singularName: 'admissionreview',
        namespaced: false,
        group: 'admission.k8s.io',
        version: 'v1',
        kind: 'AdmissionReview',
        verbs: ['create'],
      },
    ],
  };
}

interface Repetition {
  readonly taken: (found: FrontProxyTrust) => void;
  readonly failed: (error: Error) => void;
  readonly wait: NonNullable<AggregatedOptions['wait']>;
  readonly signal: AbortSignal;
}

/** Reads each minute; more often at first, until there is something to check callers by. */
async function repeat(
  read: () => Promise<FrontProxyTrust>,
  { taken, failed, wait, signal }: Repetition,
): Promise<void> {
  let next = FIRST_PAUSE;
  while (!signal.aborted) {
    try {
      taken(await read());
      next = INTERVAL;
    } catch (error) {
      if (!signal.aborted) failed(error as Error);
    }
    await wait(next, signal).catch(() => undefined);
    next = Math.min(INTERVAL, next * 2);
  }
}

function pause(milliseconds: Milliseconds, signal: AbortSignal): Promise<unknown> {
  return sleep(milliseconds, undefined, { signal, ref: false });
}
