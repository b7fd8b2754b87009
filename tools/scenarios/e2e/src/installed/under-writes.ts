import { setTimeout as sleep } from 'node:timers/promises';
import type { Stage } from '../stage.ts';
import { isSuccess, traffic } from '../traffic.ts';

/** What a stream of new Secrets met. */
export interface Writes {
  /** The number of answers. */
  readonly count: number;
  /** The message of each refusal. */
  readonly refusals: readonly string[];
  /** Milliseconds from the first refusal to the last one. */
  readonly span: number;
}

let written = 0;

/** Creates Secrets in a stream while `action` runs. */
export async function underWrites(stage: Stage, action: () => Promise<void>): Promise<Writes> {
  const refusals: { readonly at: number; readonly message: string }[] = [];
  const stream = traffic(4, async () => {
    await sleep(20);
    const answer = await stage.writeFake(`pull-${++written}`);
    if (!isSuccess(answer)) refusals.push({ at: Date.now(), message: answer.body.message ?? '' });
    return answer;
  });
  try {
    await action();
  } finally {
    await stream.stop();
  }
  const [first = 0, last = first] = [refusals.at(0)?.at, refusals.at(-1)?.at];
  return { count: stream.count, refusals: refusals.map(({ message }) => message), span: last - first };
}
