import { refusal } from '../../errors/refusal.ts';
import { defaultChain } from './default-chain.ts';
import { keysDirectory } from './keys-directory.ts';
import type { IdentitySource } from './source.ts';
import { webIdentity } from './web-identity.ts';

// To add a source: write a file beside this one that exports an `IdentitySource`, and put it into the list below. The
// first source that an environment chooses is taken; the default chain takes every environment, so it stays the last.
// Its plan is part of `IdentityPlan` by that, its variables are warned about where they lose, and key the cache of
// tokens.
export const SOURCES = [keysDirectory, webIdentity, defaultChain] as const;

type PlanOf<Source> = Source extends IdentitySource<infer Plan> ? Plan : never;

/** The plan of any one of the sources. */
export type SourcePlan = PlanOf<(typeof SOURCES)[number]>;

/**
 * The source that carries a plan out.
 *
 * @throws `EcrTokenError` with `invalid-settings` for a kind that is not in the list, which only untyped code can give
 */
export function sourceOf({ kind }: SourcePlan): IdentitySource<SourcePlan> {
  const source = SOURCES.find((known) => known.kind === kind);
  if (source === undefined)
    throw refusal(
      'invalid-settings',
      'The plan of the identity has a kind that is not known',
      'make the plan with planIdentity',
    );
  return source as IdentitySource<SourcePlan>; // by its kind, the plan is this source's
}
