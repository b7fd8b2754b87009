import { refusal } from '../../errors/refusal.ts';
import { defaultChain } from './default-chain.ts';
import { keysDirectory } from './keys-directory.ts';
import type { IdentitySource } from './source.ts';
import { webIdentity } from './web-identity.ts';

// To add a source:
//
// 1. Write NAME.ts, which exports an `IdentitySource`, and NAME.spec.ts.
// 2. Add it to SOURCES. The first source that the environment chooses is used. The default chain takes every environment,
//    so it stays the last.
// 3. Document its variables in README.md.
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
