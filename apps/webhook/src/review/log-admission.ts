import type { Milliseconds } from '@ecr-anywhere/settings';
import { callSites } from '../operations/call-sites.ts';
import type { Logger } from '../operations/log.ts';
import type { DecidedReview } from './admission.ts';
import type { Answer } from './answer.ts';

/** Logs an admission in one line, with nothing that the Secret holds. */
export function logAdmission(
  log: Logger,
  { outline, profiles }: Pick<DecidedReview, 'outline' | 'profiles'>,
  { review, result, error, isShortLived, defect }: Answer,
  milliseconds: Milliseconds,
): void {
  const { uid, namespace, name, operation, object } = outline.request;
  const generateName = object?.metadata?.generateName;
  const line = {
    uid,
    namespace,
    name: name || (generateName && `${generateName}*`) || undefined,
    operation,
    ...(profiles.length > 0 && { profile: profiles.join() }),
    result,
    milliseconds: Math.round(milliseconds * 100) / 100,
  };
  if (result === 'error')
    log.error({ ...line, error: nameOf(defect), stack: callSites(defect) }, 'admission');
  else if (error) log.warn({ ...line, code: error.code, reason: error.message }, 'admission');
  else if (isShortLived) log.warn({ ...line, warnings: review.response.warnings }, 'admission');
  else log.info(line, 'admission');
}

function nameOf(defect: unknown): string {
  return defect instanceof Error ? defect.name : typeof defect;
}
