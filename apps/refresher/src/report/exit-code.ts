import { allFresh } from '@ecr-anywhere/secret-scan';
import type { RunResult } from '../run/refresh-due-secrets.ts';

export type ExitCode = 0 | 1 | 2;

/**
 * 2 if not every Secret could be listed, or the profiles are unknown; otherwise 1 if the run has not done all that it should.
 */
export function exitCode({ summary, stopped, trial, listBrokeOff, profilesMistake }: RunResult): ExitCode {
  if (listBrokeOff || profilesMistake !== undefined) return 2;
  return stopped === undefined && allFresh(summary) && trial?.result !== 'failed' ? 0 : 1;
}
