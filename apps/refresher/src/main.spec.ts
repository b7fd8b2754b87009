import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

describe('the program as a process', () => {
  let told: AbortSignal | undefined;

  beforeAll(async () => {
    const program = async (_args: readonly string[], signal: AbortSignal) => {
      told = signal;
      return 0;
    };
    jest.unstable_mockModule('./program.ts', () => ({ program }));
    await import('./main.ts');
  });
  afterAll(() => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
    for (const output of [process.stdout, process.stderr]) output.removeAllListeners('error');
  });

  // An "error" that nobody hears ends a program with a stack trace, as with `refresher | head -1`.
  it.each(['stdout', 'stderr'] as const)('goes on where nobody reads %s any more', (output) => {
    process[output].emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(told?.aborted).toBe(false);
  });

  it('is told to end by SIGTERM, and keeps that reason whatever comes after it', () => {
    process.emit('SIGTERM');
    process.emit('SIGINT');
    expect(told).toMatchObject({ aborted: true, reason: 'SIGTERM' });
  });
});
