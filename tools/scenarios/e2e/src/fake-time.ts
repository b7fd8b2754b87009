import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type Program } from '@ecr-anywhere/local-installation';

/**
 * Preloaded into a program, so that a test can set its clock while it runs, as libfaketime does for C programs.
 * Timers are not affected.
 */
const PRELOAD = `
import { readFileSync } from 'node:fs';
const [wall, monotonic] = [Date.now, performance.now.bind(performance)];
let moved = { wall: 0, monotonic: 0 };
Date.now = () => wall() + moved.wall;
performance.now = () => monotonic() + moved.monotonic;
process.on('SIGUSR2', () => {
  moved = JSON.parse(readFileSync(process.env.FAKE_TIME_FILE, 'utf8'));
  console.error('moved ' + JSON.stringify(moved));
});
`;

/** The clock of programs that are started with `env`. Times are in milliseconds. */
export interface FakeTime {
  readonly env: Readonly<Record<string, string>>;
  /** The right time, for stand-ins. */
  readonly now: () => number;
  /** Lets time pass, for these programs and for the stand-ins. */
  pass(programs: readonly Program[], time: number): Promise<void>;
  /** Sets the wall clock of only these programs, as if the clock of their machine was wrong. */
  setClock(programs: readonly Program[], by: number): Promise<void>;
  remove(): Promise<void>;
}

export async function fakeTime(): Promise<FakeTime> {
  const folder = await mkdtemp(join(tmpdir(), 'fake-time-'));
  const file = join(folder, 'moved.json');
  let moved = { wall: 0, monotonic: 0 };

  const move = async (programs: readonly Program[], by: typeof moved) => {
    moved = { wall: moved.wall + by.wall, monotonic: moved.monotonic + by.monotonic };
    const text = JSON.stringify(moved);
    await writeFile(file, text);
    for (const program of programs) {
      program.signal('SIGUSR2');
      await eventually('the clocks of the program are moved', () => program.errors.includes(`moved ${text}`));
    }
  };
  return {
    env: {
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(PRELOAD)}`,
      FAKE_TIME_FILE: file,
    },
    now: () => Date.now() + moved.monotonic,
    pass: (programs, time) => move(programs, { wall: time, monotonic: time }),
    setClock: (programs, by) => move(programs, { wall: by, monotonic: 0 }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
