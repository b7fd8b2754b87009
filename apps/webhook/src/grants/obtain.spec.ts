import { EcrTokenError, type EcrToken, type EcrTokenProvider } from '@ecr-anywhere/ecr-token';
import { describe, expect, it } from '@jest/globals';
import { GRANT, HOUR, NOW, OTHER_GRANT, token, tokenElsewhere } from '../testing/requests.ts';
import type { DueGrant } from './choice.ts';
import type { Grant } from './grant.ts';
import { obtain } from './obtain.ts';
import type { ServedGrant } from './served-grant.ts';

const AWAY = new EcrTokenError({ code: 'network', message: 'away', remedy: 'wait' });
const REQUEST = { timeout: 8_000, least: 6.5 * HOUR, isMarked: false };
const PLACE = { explain: (error: EcrTokenError) => error };

/** A region that answers as `get` says. Until it has given a token, it has the time of this machine. */
function region(
  grant: Grant,
  get: () => Promise<EcrToken>,
  { time = NOW, old }: { readonly time?: number; readonly old?: DueGrant['old'] } = {},
): DueGrant<ServedGrant> {
  let held: EcrToken | undefined;
  const tokens: EcrTokenProvider = {
    get: async () => ({ token: (held = await get()) }),
    peek: () => held,
    now: () => (held === undefined ? NOW : time),
    invalidate: () => undefined,
    close: () => undefined,
  };
  return { grant: { ...grant, tokens }, old };
}

function kinds(chosen: Awaited<ReturnType<typeof obtain>>) {
  return 'errors' in chosen
    ? chosen.errors.map(([name]) => name)
    : chosen.grants.map(({ grant, choice }) => [grant.name, choice.kind]);
}

describe('the tokens of a Secret with several credentials', () => {
  it('are requested at the same time', async () => {
    let asked = 0;
    let answer: (() => void) | undefined;
    const both = new Promise<void>((resolve) => (answer = resolve));
    const get = (given: EcrToken) => async () => {
      asked += 1;
      if (asked === 2) answer?.();
      await both;
      return given;
    };
    const due = [region(GRANT, get(token(12))), region(OTHER_GRANT, get(tokenElsewhere(12)))];
    expect(kinds(await obtain(due, REQUEST, PLACE))).toEqual([
      ['default/eu-west-1', 'token'],
      ['default/us-east-1', 'token'],
    ]);
  });

  it('are missing where their region gives none, whichever it is; without any, each has its reason', async () => {
    const [here, there] = [() => Promise.resolve(token(12)), () => Promise.resolve(tokenElsewhere(12))];
    const away = () => Promise.reject(AWAY);
    expect(kinds(await obtain([region(GRANT, away), region(OTHER_GRANT, there)], REQUEST, PLACE))).toEqual([
      ['default/eu-west-1', 'missing'],
      ['default/us-east-1', 'token'],
    ]);
    expect(kinds(await obtain([region(GRANT, here), region(OTHER_GRANT, away)], REQUEST, PLACE))).toEqual([
      ['default/eu-west-1', 'token'],
      ['default/us-east-1', 'missing'],
    ]);
    expect(kinds(await obtain([region(GRANT, away), region(OTHER_GRANT, away)], REQUEST, PLACE))).toEqual([
      'default/eu-west-1',
      'default/us-east-1',
    ]);
  });

  it('tell the time by which the credential of another region has ended, although home has not answered', async () => {
    const logins = new Map([['host', { username: 'AWS', password: 'old' }]]);
    const old = { logins, expiresAt: NOW + HOUR, isOurs: true };
    const home = region(GRANT, () => Promise.reject(AWAY), { old });
    const there = (time: number) => region(OTHER_GRANT, () => Promise.resolve(tokenElsewhere(12)), { time });
    const choices = async (time: number) => {
      const chosen = await obtain([home, there(time)], REQUEST, PLACE);
      if ('errors' in chosen) throw new Error('one has a token');
      return [chosen.now, chosen.grants[0]?.choice];
    };
    expect(await choices(NOW)).toEqual([NOW, expect.objectContaining({ kind: 'old', old })]);
    const later = NOW + 2 * HOUR;
    expect(await choices(later)).toEqual([
      later,
      { kind: 'missing', old: undefined, trouble: AWAY, isShortLived: false },
    ]);
  });

  it('are not had after a defect', async () => {
    const defect = new Error('a defect');
    const due = [
      region(GRANT, () => Promise.reject(defect)),
      region(OTHER_GRANT, () => Promise.reject(AWAY)),
    ];
    await expect(obtain(due, REQUEST, PLACE)).rejects.toBe(defect);
  });
});
