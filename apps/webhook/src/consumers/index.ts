import type { Consumer } from './consumer.ts';
import { dockerConfigJson } from './docker-config-json.ts';
import type { Secret } from './secret.ts';

/**
 * The kinds of Secrets that are filled. To add one:
 * 1. Write `NAME.ts` in this folder, which exports a `Consumer`, and `NAME.spec.ts` beside it.
 * 2. Add it to this list. The first one that takes a Secret fills it.
 * 3. Add its keys to `credentialKeys` in the chart's `templates/policy`, or else the policy refuses the refresher.
 * 4. Add a scenario in which a real client uses the Secret (docs/extending.md).
 */
export const CONSUMERS: readonly Consumer[] = [dockerConfigJson];

/** The kind of a managed Secret; undefined for a Secret that cannot be filled. */
export function consumerOf(secret: Secret): Consumer | undefined {
  return CONSUMERS.find((consumer) => consumer.takes(secret));
}
