import type { RoleTaken } from './exchange/obtained.ts';

/** How an identity was had: what an `IdentityPlan` only announces, as facts. Never holds a key. */
export interface ObtainedIdentity {
  /** What gave the first credentials, in words for a log, such as `the keys in AWS_ACCESS_KEY_ID`. */
  readonly source: string;
  /** In the order in which they were taken; a role that a profile names comes before those of the plan. */
  readonly roles: readonly RoleTaken[];
}

/** Told of an identity. Must not throw. */
export type IdentityListener = (identity: ObtainedIdentity) => void;

/** Tells `listener` of the first identity, and of each that differs from the one before it. */
export function onlyChanges(listener: IdentityListener | undefined): IdentityListener {
  let last: string | undefined;
  return (identity) => {
    const now = JSON.stringify(identity, withoutSession);
    if (now === last) return;
    last = now;
    listener?.(identity);
  };
}

/** Some sources give each session a name of its own; it is the same role's all the same. */
function withoutSession(_: string, value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/(:assumed-role\/[^/]+)\/.*/, '$1') : value;
}
