import { ANNOTATIONS, MISSING, readEnds } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Secret } from '../consumers/secret.ts';
import {
  claimsOf,
  FIRST,
  hashOf,
  hostsOf,
  issue,
  MIRROR,
  ownHost,
  patched,
  REGIONS,
  respond,
  textOf,
  truthOf,
  type Region,
  type World,
} from '../testing/regions.ts';
import { fakeSecret, HOUR, KEY, NOW } from '../testing/requests.ts';

// A tenant may have written all of a Secret, while the API server did not call the webhook.

const [HERE, THERE] = FIRST.settings.regions as [Region, Region];
const FORGED = 'forged@0';
const FORGED_AUTH = Buffer.from(`AWS:${FORGED}`).toString('base64');

const HOURS = fc.constantFrom(-1, 0, 0.5, 6, 7, 11, 12.9, 13.1, 10_000);
const TIME = HOURS.map((hours) => new Date(NOW + hours * HOUR).toISOString());
const ODD_TIME = fc.constantFrom('', 'tomorrow', '0', '9999-12-31T23:59:59Z', '2026-01-02 11:04:05+00:00');
const END = fc.oneof({ weight: 3, arbitrary: TIME }, fc.constant(MISSING), ODD_TIME);
const NAME = fc.constantFrom(`default/${HERE}`, `default/${THERE}`, `default/${REGIONS[2]}`, 'x');
const EACH = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(END, END).map(([one, other]) => `default/${HERE}=${one}, default/${THERE}=${other}`),
  },
  fc
    .array(fc.tuple(NAME, END), { maxLength: 4 })
    .map((parts) => parts.map((part) => part.join('=')).join(', ')),
  fc.constantFrom('', ', ', 'x'.repeat(5_000), `default/${HERE}=missing`.repeat(1_000)),
);
const HASH = fc.oneof(
  { weight: 3, arbitrary: fc.constant(hashOf(FIRST.settings)) },
  fc.constantFrom(hashOf({ ...FIRST.settings, regions: [HERE] }), '', 'x'.repeat(10_000)),
);
const ENTRY = fc.constantFrom<unknown>(
  { auth: FORGED_AUTH },
  { username: 'AWS', password: FORGED, auth: FORGED_AUTH },
  { username: 'AWS', password: FORGED, email: 'a@example.com' },
  { auth: 'x' },
  { identitytoken: 'x' },
  null,
  'x',
);
const HOST = fc.constantFrom(
  ownHost(HERE),
  ownHost(THERE),
  MIRROR,
  'foreign.example.com',
  '__proto__',
  '',
  'public.ecr.aws',
  `${ownHost(HERE)}.cn`,
  ownHost(THERE).replace('1111', '9999'),
  ownHost(THERE).replace('.ecr.', '.ecr-fips.'),
);
const WHOLE = fc.constant([ownHost(HERE), MIRROR, ownHost(THERE)]);
const AUTHS = fc.oneof({ weight: 2, arbitrary: WHOLE }, fc.uniqueArray(HOST)).chain((hosts) =>
  fc
    .array(fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, ENTRY), {
      minLength: hosts.length,
      maxLength: hosts.length,
    })
    .map((entries) =>
      Object.fromEntries(hosts.map((host, index) => [host, entries[index] ?? { auth: FORGED_AUTH }])),
    ),
);
const DATA = fc.oneof(
  { weight: 4, arbitrary: AUTHS.map((auths) => JSON.stringify({ auths })) },
  fc.constantFrom('', '{', 'null', '[]', '{"auths":[]}', '{"auths":null,"credsStore":"x"}'),
);

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 6 });
const ANNOTATED = fc.record({
  [ANNOTATIONS.expiresAt]: optional(fc.oneof({ weight: 3, arbitrary: TIME }, ODD_TIME)),
  [ANNOTATIONS.updatedAt]: optional(fc.oneof({ weight: 3, arbitrary: TIME }, ODD_TIME)),
  [ANNOTATIONS.expiresAtEach]: optional(EACH),
  [ANNOTATIONS.configHash]: optional(HASH),
  [ANNOTATIONS.markedForUpdateAt]: optional(fc.constant('before')),
});

/** A stored Secret as somebody forged it. If the annotations name the first end, `expires_at` may say the same. */
const SECRET: fc.Arbitrary<Secret> = fc
  .tuple(ANNOTATED, DATA, fc.boolean())
  .map(([annotated, text, isConsistent]) => {
    const annotations = Object.fromEntries(
      Object.entries(annotated).filter((pair): pair is [string, string] => pair[1] !== undefined),
    );
    const metadata = { ...fakeSecret().metadata, annotations };
    const times = [...(readEnds(metadata)?.values() ?? [])].filter((end) => end !== MISSING);
    if (isConsistent && times.length > 0)
      annotations[ANNOTATIONS.expiresAt] = new Date(Math.min(...times)).toISOString();
    return { ...fakeSecret(), data: { [KEY]: Buffer.from(text).toString('base64') }, metadata };
  });

const WORLD: fc.Arbitrary<World> = fc
  .record({
    secret: SECRET,
    away: fc.subarray([HERE, THERE], { maxLength: 1 }),
    known: fc.subarray([HERE, THERE]),
    age: fc.constantFrom(0, 0.5, 4),
  })
  .map(({ secret, away, known, age }) => ({
    ...FIRST,
    secret,
    away: new Set(away),
    held: [new Map(known.map((region) => [region, issue(region, NOW - age * HOUR)]))],
  }));

/** The end that a Secret claims for a region, if it looks as the webhook writes it in all that the webhook can see. */
function claimed(secret: Secret | undefined, region: Region): number | undefined {
  const isOfToday = textOf(secret, 'configHash') === hashOf(FIRST.settings);
  const end = isOfToday ? readEnds(secret?.metadata)?.get(`default/${region}`) : undefined;
  return end === MISSING || end === undefined || end <= NOW || end > NOW + 13 * HOUR ? undefined : end;
}

/** The hosts of those entries that have a user and a password. */
function readable(secret: Secret | undefined): readonly string[] {
  const text = Buffer.from(secret?.data?.[KEY] ?? '', 'base64').toString();
  if (!text.startsWith('{"auths":{')) return [];
  const { auths } = JSON.parse(text) as { auths: Record<string, unknown> };
  return Object.entries(auths)
    .filter(
      ([, entry]) => JSON.stringify(entry).includes(FORGED) || JSON.stringify(entry).includes(FORGED_AUTH),
    )
    .map(([host]) => host);
}

/** Whether a Secret says of a credential that it has ended. */
function endsBefore(secret: Secret | undefined, region: Region): boolean {
  const each = readEnds(secret?.metadata)?.get(`default/${region}`);
  const expiresAt = Date.parse(textOf(secret, 'expiresAt') ?? '');
  return (typeof each === 'number' && each <= NOW) || expiresAt <= NOW;
}

function mayBeOwn(host: string, { away }: World, tokens: ReadonlyMap<Region, unknown>): boolean {
  return FIRST.settings.regions.some(
    (region) =>
      away.has(region) &&
      !tokens.has(region) &&
      new RegExp(`^\\d{12}\\.dkr\\.ecr(-fips)?\\.${region}\\.amazonaws\\.com$`).test(host),
  );
}

async function answered(world: World, isMarked: boolean) {
  const { secret = fakeSecret() } = world;
  const mark: Record<string, string> = isMarked ? { [ANNOTATIONS.markedForUpdateAt]: 'now' } : {};
  const annotations = { ...secret.metadata?.annotations, ...mark };
  const object = { ...secret, metadata: { ...secret.metadata, annotations } };
  const { answer, tokens } = await respond(world, 0, object);
  return { answer, tokens, object };
}

describe('a Secret that somebody forged, whatever is in it', () => {
  it('is believed only as far as it looks like ours, and has no entry of a host that nobody asked for', async () => {
    await fc.assert(
      fc.asyncProperty(WORLD, fc.boolean(), async (world, isMarked) => {
        const { answer, tokens, object } = await answered(world, isMarked);
        expect(answer.result).not.toBe('error');
        expect(answer.review.response.allowed).toBe(true);
        const filled = patched(object, answer);
        const [made, claims] = [truthOf(filled), claimsOf(filled, FIRST.settings)];
        const wanted = FIRST.settings.regions.flatMap((region) => hostsOf(region, FIRST.settings));
        const others = [...made.keys()].filter((host) => !wanted.includes(host));
        // Before the first token of a region, any registry of ECR in it may be the one that it is for.
        for (const host of others) expect(mayBeOwn(host, world, tokens)).toBe(true);
        for (const region of FIRST.settings.regions) {
          const given = tokens.get(region)?.expiresAt.getTime();
          const end = made.get(ownHost(region))?.end;
          const believed = claimed(world.secret, region);
          // The end is that of AWS's token, or the one that a Secret like ours says. No other.
          if (end !== undefined && end === given) expect(claims.get(region)).toBe(given);
          else expect([MISSING, believed]).toContain(claims.get(region));
          // An entry that can be read stays, in any form, unless it says that it has ended.
          const held = tokens.has(region) || readable(world.secret).includes(ownHost(region));
          if (end === undefined && held) expect(endsBefore(world.secret, region)).toBe(true);
          // A region that answers is never missing, and a mark gets its token.
          if (!world.away.has(region)) expect(claims.get(region)).not.toBe(MISSING);
          if (!world.away.has(region) && isMarked) expect(end).toBe(given);
        }
      }),
      { numRuns: 500 },
    );
  }, 60_000);

  it('is healed by one mark as soon as AWS answers', async () => {
    await fc.assert(
      fc.asyncProperty(WORLD, async (world) => {
        const { answer, object } = await answered({ ...world, away: new Set() }, true);
        const filled = patched(object, answer);
        expect([...truthOf(filled).keys()].sort()).toEqual([ownHost(HERE), ownHost(THERE), MIRROR].sort());
        for (const { end } of truthOf(filled).values()) expect(end).toBeGreaterThan(NOW + 6.5 * HOUR);
        expect(textOf(filled, 'expiresAtEach')).toMatch(/^default\/\S+=\S+Z, default\/\S+=\S+Z$/);
        expect(textOf(filled, 'configHash')).toBe(hashOf(FIRST.settings));
      }),
      { numRuns: 200 },
    );
  }, 60_000);
});
