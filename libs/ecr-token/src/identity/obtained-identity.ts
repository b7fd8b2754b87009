import type { RoleTaken } from './exchange/obtained.ts';

/** How an identity was really obtained. An `IdentityPlan` says only what is intended. Never contains a key. */
export interface ObtainedIdentity {
  /** What gave the first credentials, in words for a log, such as `the keys in AWS_ACCESS_KEY_ID`. */
  readonly source: string;
  /** In the order in which they were taken. A role of a profile comes before the roles of the plan. */
  readonly roles: readonly RoleTaken[];
}

/** Called with an identity. Must not throw. */
export type IdentityListener = (identity: ObtainedIdentity) => void;

/** Calls `listener` for the first identity, and for each one that differs from the one before it. */
export function onlyChanges(listener: IdentityListener | undefined): IdentityListener {
  let last: string | undefined;
  return (identity) => {
    const now = JSON.stringify(identity, withoutSession);
    if (now === last) return;
    last = now;
    listener?.(identity);
  };
}

/** Some sources give each session its own name. It is still the same identity. */
function withoutSession(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/(:assumed-role\/[^/]+)\/.*/, '$1') : value;
}
