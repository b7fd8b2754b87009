import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

describe('the program as a process', () => {
  let terminated: AbortSignal | undefined;

  beforeAll(async () => {
    const program = async (_args: readonly string[], _env: object, signal: AbortSignal) => {
      terminated = signal;
      return 0;
    };
    jest.unstable_mockModule('./program.ts', () => ({ program }));
    await import('./main.ts');
  });
  afterAll(() => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
    for (const output of [process.stdout, process.stderr]) output.removeAllListeners('error');
  });

  // Without a handler the event "error" ends a program with a stack trace, as with `refresher | head -1`.
  it.each(['stdout', 'stderr'] as const)('continues if nobody reads %s any more', (output) => {
    process[output].emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(terminated?.aborted).toBe(false);
  });

  it('ends on SIGTERM; a later signal does not replace that reason', () => {
    process.emit('SIGTERM');
    process.emit('SIGINT');
    expect(terminated).toMatchObject({ aborted: true, reason: 'SIGTERM' });
  });
});
