import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiAnswer } from '@ecr-anywhere/local-installation';

/** A stream of writes. */
export interface Traffic {
  /** The number of answers so far. */
  readonly count: number;
  /** Stops the stream. @returns every answer that is not a success */
  stop(): Promise<ApiAnswer[]>;
}

export function isSuccess({ status }: ApiAnswer): boolean {
  return status >= 200 && status < 300;
}

/** The pause between writes, in milliseconds. Without a pause, the writers use the CPU that the tested programs need. */
const PAUSE = 10;

/** `lanes` writers, each with one request at a time. */
export function traffic(lanes: number, write: (index: number) => Promise<ApiAnswer>): Traffic {
  const failures: ApiAnswer[] = [];
  let count = 0;
  let next = 0;
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      const answer = await write(next++);
      count += 1;
      if (!isSuccess(answer)) failures.push(answer);
      await sleep(PAUSE);
    }
  };
  const work = Promise.all(Array.from({ length: lanes }, lane));
  return {
    get count() {
      return count;
    },
    async stop() {
      isOver = true;
      await work;
      return failures;
    },
  };
}
