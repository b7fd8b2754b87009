import type { CallerCheck } from './caller-check.ts';

/** Takes reviews from everybody who reaches the port. */
export function none(paths: readonly string[]): CallerCheck {
  return {
    mode: 'none',
    routes: paths.map((path) => ({ path, serves: 'reviews', refusal: () => undefined })),
  };
}
