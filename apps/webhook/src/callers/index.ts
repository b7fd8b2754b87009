import { none } from './none.ts';

/**
 * The ways to tell who may send reviews. To add one:
 * 1. Write `NAME.ts` in this folder, which exports a function that makes a `CallerCheck`, and `NAME.spec.ts` beside it.
 * 2. Add it to this list.
 * 3. The second one also needs a setting that chooses: a variable in `config.ts`, read in `start-webhook.ts`.
 */
export const CALLER_CHECKS = { none };
