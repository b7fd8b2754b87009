import type { RoleStep } from '../../services/sts.ts';
import type { CarriedEnvironment } from '../../settings/carried-environment.ts';
import type { Environment } from '../../settings/environment.ts';
import type { Found } from '../chain/link.ts';
import type { IdentityContext } from '../exchange/context.ts';

/** What the plans of all sources say. */
export interface SharedPlan {
  /** The roles to assume, in this order. The first one is assumed with what the source gives. */
  readonly roles: readonly RoleStep[];
  readonly warnings: readonly string[];
  /** For roles that a profile of the shared configuration names without a session name; `ecr-anywhere` by default. */
  readonly sessionName?: string | undefined;
  /** Where STS is asked, if not in the region of the registry. */
  readonly stsRegion?: string | undefined;
  /** The environment that the plan was made from, and that it is carried out in; `process.env` by default. */
  readonly environment?: CarriedEnvironment | undefined;
}

/** What a source makes of an environment. */
export interface Planned<Plan> {
  /** Undefined if the environment does not choose this source. */
  readonly plan?: Plan | undefined;
  /** What is set and has no effect, one sentence each. */
  readonly warnings?: readonly string[] | undefined;
}

/** Credentials, and which roles of the plan are still to be assumed with them: all of them by default. */
export type FoundBySource = Found & { readonly remaining?: readonly RoleStep[] };

/** A way to an identity. Its plan is plain data that holds no key; `Plan` is the part that only this source has. */
export interface IdentitySource<Plan extends { readonly kind: string }> {
  readonly kind: Plan['kind'];
  /** The variables that choose it, in their order of precedence. */
  readonly chosenBy: readonly string[];
  /** The variables that decide whose credentials it gives. The command line caches tokens by them. */
  readonly reads: readonly string[];
  /** The files that decide it, beside the shared configuration; whoever replaces them gets another token. */
  files?(plan: Plan): readonly string[];
  /** Says what would be done. Reads nothing but `env`. */
  plan(env: Environment, roles: readonly RoleStep[]): Planned<Plan>;
  /** Whether it assumes the role of the environment even if `ECR_TOKEN_ASSUME_ROLE=sdk-default`; by default it does not. */
  assumesRoleItself?(this: void, env: Environment): boolean;
  /** The plan in words for a log, such as `the keys in /keys`. */
  describe(plan: Plan): string;
  /**
   * Gets new credentials.
   *
   * @throws `EcrTokenError`
   */
  obtain(plan: Plan & SharedPlan, context: IdentityContext): Promise<FoundBySource>;
}
