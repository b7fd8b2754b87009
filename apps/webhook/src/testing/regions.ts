import {
  EcrToken,
  EcrTokenError,
  type EcrTokenProvider,
  type EcrTokenRequest,
} from '@ecr-anywhere/ecr-token';
import { ANNOTATIONS, combinedHash, configHash, MISSING, readEnds } from '@ecr-anywhere/secret-scan';
import { applyPatch, type Operation } from 'rfc6902';
import type { Secret } from '../consumers/secret.ts';
import { WaitingRoom } from '../grants/waiting-room.ts';
import type { ServedProfile, ServedTarget } from '../profiles/served-profiles.ts';
import { createAdmission } from '../review/admission.ts';
import type { Answer } from '../review/answer.ts';
import { NO_RULES } from '../review/write-rules.ts';
import { createRequest, HOUR, KEY, NOW, review, updateRequest } from './requests.ts';

// One Secret of several regions, AWS, and two replicas of the webhook, as values. Each password says its region and when it ends
// in truth, so that a Secret can be compared with what it claims.

export const REGIONS = ['eu-west-1', 'us-east-1', 'ap-south-1'] as const;
export type Region = (typeof REGIONS)[number];

export const MIRROR = 'mirror.example.com';
export const [THRESHOLD, MARGIN] = [6 * HOUR, HOUR / 2];
const AWAY = new EcrTokenError({ code: 'network', message: 'away', remedy: 'wait' });

export interface Settings {
  /** The home region first. */
  readonly regions: readonly Region[];
  /** The region whose token the mirror gets. */
  readonly mirror: Region | undefined;
}

/** AWS, and the tokens that two replicas hold. */
export interface World {
  readonly now: number;
  readonly away: ReadonlySet<Region>;
  readonly held: readonly ReadonlyMap<Region, EcrToken>[];
  readonly settings: Settings;
  readonly secret: Secret | undefined;
}

export const FIRST: World = {
  now: NOW,
  away: new Set(),
  held: [new Map(), new Map()],
  settings: { regions: [REGIONS[0], REGIONS[1]], mirror: REGIONS[0] },
  secret: undefined,
};

export function ownHost(region: Region): string {
  return `111122223333.dkr.ecr.${region}.amazonaws.com`;
}

export function hostsOf(region: Region, { mirror }: Settings): readonly string[] {
  return mirror === region ? [ownHost(region), MIRROR] : [ownHost(region)];
}

export function issue(region: Region, now: number): EcrToken {
  const end = now + 12 * HOUR;
  return new EcrToken({
    username: 'AWS',
    password: `${region}@${end}`,
    region,
    issuedAt: new Date(now),
    expiresAt: new Date(end),
    proxyEndpoint: `https://${ownHost(region)}`,
  });
}

/** Works like a provider of the product: a token is reused for an hour, and longer while the region is away. */
function provider(world: World, tokens: Map<Region, EcrToken>, region: Region): EcrTokenProvider {
  const peek = () => {
    const token = tokens.get(region);
    return token && token.expiresAt.getTime() > world.now ? token : undefined;
  };
  return {
    async get({ issuedWithin = HOUR }: EcrTokenRequest = {}) {
      const held = peek();
      if (held && world.now - held.issuedAt.getTime() < issuedWithin) return { token: held };
      if (!world.away.has(region)) {
        tokens.set(region, issue(region, world.now));
        return { token: tokens.get(region)! };
      }
      if (held && held.expiresAt.getTime() - world.now > THRESHOLD + MARGIN)
        return { token: held, stale: AWAY };
      throw AWAY;
    },
    peek,
    now: () => world.now,
    invalidate: () => undefined,
    close: () => undefined,
  };
}

export function hashOf({ regions, mirror }: Settings): string {
  return combinedHash(
    regions.map((region) => configHash({ region, roleArns: [], hosts: mirror === region ? [MIRROR] : [] })),
  );
}

/** What a replica answers to a write, and the tokens that it holds then. */
export async function respond(
  world: World,
  replica: number,
  object: Secret,
): Promise<{ answer: Answer; tokens: Map<Region, EcrToken> }> {
  const { settings, secret } = world;
  const tokens = new Map(world.held[replica]);
  const hash = hashOf(settings);
  const target = (region: Region): ServedTarget => ({
    identity: { kind: 'default', roles: [], warnings: [] },
    client: { region },
    hosts: settings.mirror === region ? [MIRROR] : [],
    tokens: provider(world, tokens, region),
  });
  const targets = settings.regions.map(target) as [ServedTarget, ...ServedTarget[]];
  const profile: ServedProfile = { name: 'default', namespaces: 'all', hash, targets };
  const { decide, answer } = createAdmission({
    profiles: { choose: () => ({ kind: 'chosen', profiles: [profile], hash }) },
    threshold: THRESHOLD,
    margin: MARGIN,
    rules: NO_RULES,
    dockerConfigFields: 'auth',
    waiting: new WaitingRoom(Infinity),
  });
  const request = secret === undefined ? createRequest(object) : updateRequest(object, secret);
  const limits = { timeout: 8_000, bytes: 0, onGone: () => undefined };
  return { answer: await answer(decide(review(request)), limits), tokens };
}

export function patched(object: Secret, { review: { response } }: Answer): Secret {
  const copy = structuredClone(object);
  const { patch = '' } = response;
  const operations = patch === '' ? [] : (JSON.parse(Buffer.from(patch, 'base64').toString()) as Operation[]);
  const [mistake] = applyPatch(copy, operations).filter((error) => error !== null);
  if (mistake) throw mistake;
  return copy;
}

/** By host, what each password says: the region that it is for, and when it ends. */
export function truthOf(secret: Secret | undefined): ReadonlyMap<string, { region: string; end: number }> {
  const text = Buffer.from(secret?.data?.[KEY] ?? '', 'base64').toString();
  if (!text.startsWith('{')) return new Map();
  const { auths } = JSON.parse(text) as { auths: Record<string, { auth: string }> };
  return new Map(
    Object.entries(auths).map(([host, { auth }]) => {
      const [region = '', end] = Buffer.from(auth, 'base64').toString().replace('AWS:', '').split('@');
      return [host, { region, end: Number(end) }];
    }),
  );
}

export function textOf(secret: Secret | undefined, name: keyof typeof ANNOTATIONS): string | undefined {
  return secret?.metadata?.annotations?.[ANNOTATIONS[name]];
}

/** When each credential of a Secret ends, as the Secret claims; undefined where it claims nothing. */
export function claimsOf(
  { metadata }: Secret,
  { regions }: Settings,
): ReadonlyMap<Region, number | typeof MISSING | undefined> {
  const ends = readEnds(metadata);
  const [only] = regions;
  if (regions.length > 1 || only === undefined)
    return new Map(regions.map((region) => [region, ends?.get(`default/${region}`)]));
  return new Map([[only, Date.parse(metadata?.annotations?.[ANNOTATIONS.expiresAt] ?? '')]]);
}
