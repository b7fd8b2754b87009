import { isEcrTokenError, type EcrTokenError } from '@ecr-anywhere/ecr-token';
import { MISSING } from '@ecr-anywhere/secret-scan';
import type { Milliseconds } from '@ecr-anywhere/settings';
import { timeAtAws } from '../profiles/time-at-aws.ts';
import {
  choose,
  issuedWithin,
  type Choice,
  type ChoicePolicy,
  type ChosenGrant,
  type DueGrant,
  type Obtained,
} from './choice.ts';
import type { ServedGrant } from './served-grant.ts';
import type { Place } from './waiting-room.ts';

/** What is asked of AWS for one Secret. */
export interface TokenRequest extends Omit<ChoicePolicy, 'now'> {
  readonly timeout: Milliseconds;
}

/** What was chosen for a Secret. */
export interface Chosen {
  /** In the order of the grants. */
  readonly grants: readonly ChosenGrant[];
  /** AWS's time, in milliseconds since 1970. */
  readonly now: number;
}

/** No grant has a token. */
export interface NoToken {
  readonly errors: readonly (readonly [name: string, error: EcrTokenError])[];
}

/**
 * Gets a token for each grant, all at the same time, and chooses what goes into the Secret.
 *
 * A Secret with one grant waits for AWS until the time is up. With several grants, one that failed last time is not waited
 * for: one region that hangs must not slow down the others.
 */
export async function obtain(
  due: readonly DueGrant<ServedGrant>[],
  { timeout, ...policy }: TokenRequest,
  place: Place,
): Promise<Chosen | NoToken> {
  const all = await Promise.all(due.map(async (each) => ({ ...each, obtained: await ask(each) })));
  const errors = all.flatMap(({ grant, obtained }) =>
    'error' in obtained ? [[grant.name, obtained.error] as const] : [],
  );
  if (errors.length === all.length) return { errors };
  // AWS's answer corrects the time.
  const now = timeAtAws(due.map(({ grant }) => grant.tokens));
  const grants = all.map(({ grant, old, obtained }) => ({
    grant,
    choice: choose({ old }, obtained, { ...policy, now }),
  }));
  return { grants, now };

  async function ask({ old, grant: { tokens } }: DueGrant<ServedGrant>): Promise<Obtained> {
    const recent = issuedWithin(old, tokens.peek(), { now: tokens.now(), isMarked: policy.isMarked });
    const request = {
      timeout,
      issuedWithin: recent,
      ...(due.length > 1 && { unlessFailing: true }),
      ...(place.signal && { signal: place.signal }),
    };
    try {
      const { token, stale } = await tokens.get(request);
      return { token, stale: stale && place.explain(stale) };
    } catch (error) {
      if (!isEcrTokenError(error)) throw error;
      return { error: place.explain(error) };
    }
  }
}

/** When what was chosen for a grant ends. */
export function endOf(choice: Choice): number | typeof MISSING {
  return choice.kind === 'missing' ? MISSING : choice.expiresAt;
}
