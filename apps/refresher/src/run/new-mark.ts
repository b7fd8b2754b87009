import { annotation, type ObjectMeta } from '@ecr-anywhere/secret-scan';

/** The time. It must differ from the mark that is there: the same mark would not ask for a refresh. */
export function newMark(metadata: ObjectMeta, now: number): string {
  const mark = new Date(now).toISOString();
  return mark === annotation(metadata, 'markedForUpdateAt') ? new Date(now + 1).toISOString() : mark;
}
