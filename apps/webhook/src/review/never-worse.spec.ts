import { ANNOTATIONS, MISSING, readEnds } from '@ecr-anywhere/secret-scan';
import type { EcrToken } from '@ecr-anywhere/ecr-token';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Secret } from '../consumers/secret.ts';
import {
  claimsOf,
  FIRST,
  hashOf,
  hostsOf,
  issue,
  patched,
  REGIONS,
  respond,
  textOf,
  truthOf,
  type Region,
  type Settings,
  type World,
} from '../testing/regions.ts';
import { fakeSecret, HOUR, KEY } from '../testing/requests.ts';

// Histories of one Secret: regions go away and come back, settings change, replicas restart, an older version writes.

/** A write that was allowed. */
interface Filled {
  /** Before the write. */
  readonly world: World;
  readonly filled: Secret;
  /** What the replica holds after the write. */
  readonly tokens: ReadonlyMap<Region, EcrToken>;
  readonly isMarked: boolean;
}

/** Checks what went into a Secret, in the light of what it held. */
function check(write: Filled): void {
  const { world, filled } = write;
  const { settings, away } = world;
  const claims = claimsOf(filled, settings);
  for (const region of settings.regions) {
    const claim = claims.get(region);
    if (!away.has(region)) expect(claim).not.toBe(MISSING);
    for (const host of hostsOf(region, settings)) checkEntry(write, { region, host, claim });
  }
  const wanted = settings.regions.flatMap((region) => hostsOf(region, settings));
  expect(wanted).toEqual(expect.arrayContaining([...truthOf(filled).keys()]));
  checkAnnotations(write);
}

function checkEntry(
  { world: { secret, settings, now }, filled, tokens, isMarked }: Filled,
  { region, host, claim }: { region: Region; host: string; claim: number | typeof MISSING | undefined },
): void {
  const [before, then] = [truthOf(secret).get(host), truthOf(filled).get(host)];
  // What it claims is true, and nobody else gave it.
  if (typeof claim === 'number') expect(then).toEqual({ region, end: claim });
  if (then && then.end !== before?.end) expect(then.end).toBe(tokens.get(region)!.expiresAt.getTime());
  if (before === undefined || before.end <= now) return;
  // Nothing that works is lost.
  expect(then!.end).toBeGreaterThan(now);
  // No token of any age makes a credential shorter that the webhook wrote under the same settings.
  const isSame = textOf(secret, 'configHash') === hashOf(settings) && before.region === region;
  if (!isSame || readEnds(secret?.metadata)?.get(`default/${region}`) === MISSING) return;
  expect(claim).not.toBe(MISSING);
  expect(then!.end).toBeGreaterThan(before.end - (isMarked ? 60_000 : 1));
}

function checkAnnotations({ world: { secret, settings, now }, filled }: Filled): void {
  const several = settings.regions.length > 1 ? settings.regions : [];
  const named = [...(readEnds(filled.metadata)?.keys() ?? [])];
  expect(named.sort()).toEqual(several.map((name) => `default/${name}`).sort());
  const ends = [...claimsOf(filled, settings).values()].map((claim) => (claim === MISSING ? now : claim!));
  expect(textOf(filled, 'expiresAt')).toBe(new Date(Math.min(...ends)).toISOString());
  const [before, updatedAt] = [textOf(secret, 'updatedAt'), textOf(filled, 'updatedAt')!];
  if (updatedAt !== before) expect(Date.parse(updatedAt)).toBeGreaterThanOrEqual(now);
}

/** What happens next. Data, so that a counterexample can be read. */
type Step =
  /** A tool applies its file again, somebody changes another field, or the refresher marks. */
  | { readonly write: 'apply' | 'touch' | 'mark'; readonly replica: number }
  | { readonly pass: number }
  | { readonly turn: Region }
  | { readonly settings: Settings }
  | { readonly restart: number }
  | 'an older version writes';

async function after(world: World, step: Step): Promise<World> {
  if (step === 'an older version writes') return olderVersionWrites(world);
  if ('write' in step) return write(world, step);
  if ('pass' in step) return { ...world, now: world.now + step.pass * HOUR };
  if ('settings' in step) return { ...world, settings: step.settings };
  if ('restart' in step) return withTokens(world, step.restart, new Map());
  return { ...world, away: new Set(REGIONS.filter((each) => (each === step.turn) !== world.away.has(each))) };
}

function withTokens(world: World, replica: number, tokens: ReadonlyMap<Region, EcrToken>): World {
  return { ...world, held: world.held.map((before, index) => (index === replica ? tokens : before)) };
}

/** A version that knows one region fills the Secret, and leaves the annotation that it does not know. */
function olderVersionWrites(world: World): World {
  const { now, away, secret, settings } = world;
  const [home] = settings.regions;
  if (home === undefined || away.has(home) || secret === undefined) return world;
  const { password, expiresAt } = issue(home, now);
  const auth = Buffer.from(`AWS:${password}`).toString('base64');
  const auths = Object.fromEntries(hostsOf(home, settings).map((host) => [host, { auth }]));
  const annotations = {
    ...secret.metadata?.annotations,
    [ANNOTATIONS.expiresAt]: expiresAt.toISOString(),
    [ANNOTATIONS.updatedAt]: new Date(now).toISOString(),
    [ANNOTATIONS.configHash]: hashOf({ ...settings, regions: [home] }),
  };
  const data = { [KEY]: Buffer.from(JSON.stringify({ auths })).toString('base64') };
  return { ...world, secret: { ...secret, data, metadata: { ...secret.metadata, annotations } } };
}

let marks = 0;

async function write(
  world: World,
  { write: kind, replica }: Extract<Step, { write: string }>,
): Promise<World> {
  const { secret, settings, away } = world;
  const isMarked = kind === 'mark' && secret !== undefined;
  const base = kind === 'apply' || secret === undefined ? fakeSecret() : secret;
  const mark: Record<string, string> = isMarked ? { [ANNOTATIONS.markedForUpdateAt]: `${marks++}` } : {};
  const annotations = { ...base.metadata?.annotations, ...mark };
  const object: Secret = { ...base, metadata: { ...base.metadata, annotations } };
  const { answer, tokens } = await respond(world, replica, object);

  // The order of the regions changes nothing but the order.
  const regions = [...settings.regions].reverse();
  const turned = await respond({ ...world, settings: { ...settings, regions } }, replica, object);
  expect(turned.answer.result).toBe(answer.result);
  if (answer.review.response.allowed) {
    const [made, madeTurned] = [patched(object, answer), patched(object, turned.answer)];
    expect(truthOf(madeTurned)).toEqual(truthOf(made));
    expect(claimsOf(madeTurned, settings)).toEqual(claimsOf(made, settings));
    expect(textOf(madeTurned, 'expiresAt')).toBe(textOf(made, 'expiresAt'));
    check({ world, filled: made, tokens, isMarked });
    return { ...withTokens(world, replica, tokens), secret: made };
  }
  for (const each of settings.regions) expect(away).toContain(each);
  return withTokens(world, replica, tokens);
}

const REGION = fc.constantFrom(...REGIONS);
const REPLICA = fc.nat({ max: 1 });
const SETTINGS: fc.Arbitrary<Settings> = fc
  .shuffledSubarray([...REGIONS], { minLength: 1 })
  .chain((regions) =>
    fc.option(fc.constantFrom(...regions), { nil: undefined }).map((mirror) => ({ regions, mirror })),
  );
const STEP = fc.oneof<fc.WeightedArbitrary<Step>[]>(
  {
    weight: 6,
    arbitrary: fc.record({ write: fc.constantFrom('apply', 'touch', 'mark'), replica: REPLICA }),
  },
  { weight: 3, arbitrary: fc.record({ pass: fc.constantFrom(0.001, 0.5, 3, 5.9, 7, 13) }) },
  { weight: 3, arbitrary: fc.record({ turn: REGION }) },
  { weight: 2, arbitrary: fc.record({ settings: SETTINGS }) },
  { weight: 1, arbitrary: fc.record({ restart: REPLICA }) },
  { weight: 1, arbitrary: fc.constant('an older version writes') },
);

/** Histories that were once judged wrongly. */
const KNOWN: readonly (readonly Step[])[] = [
  // A credential that an older version wrote was dropped, because `expires_at_each` told of the one before it.
  [
    { turn: 'us-east-1' },
    { write: 'apply', replica: 0 },
    { pass: 7 },
    'an older version writes',
    { pass: 5.9 },
    { turn: 'us-east-1' },
    { turn: 'eu-west-1' },
    { restart: 0 },
    { write: 'touch', replica: 0 },
  ],
  // A credential of one region became shorter, because an older version had left `expires_at_each`.
  [
    { write: 'apply', replica: 1 },
    { settings: { regions: ['us-east-1'], mirror: undefined } },
    { pass: 0.001 },
    'an older version writes',
    { write: 'apply', replica: 1 },
  ],
];

describe('in any history of a Secret', () => {
  it('no credential that works is lost, the Secret claims only what is true, and the order of regions does not matter', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { maxLength: 20 }), async (steps) => {
        let world = FIRST;
        for (const step of steps) world = await after(world, step);
      }),
      { numRuns: 200, examples: KNOWN.map((steps) => [[...steps]]) },
    );
  }, 60_000);
});
