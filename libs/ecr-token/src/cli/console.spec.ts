import { EventEmitter } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { runHere, type Console, type Host } from './console.ts';

/** A process whose output is read slowly, and the records of its end. */
function slowHost(input = '') {
  const written = { out: '', err: '' };
  const slow = (name: 'out' | 'err') =>
    new Writable({
      highWaterMark: 1,
      decodeStrings: false,
      write: (text: string, _, done) => {
        setTimeout(() => {
          written[name] += text;
          done();
        }, 20);
      },
    });
  const signals = new EventEmitter();
  const ends: { code: number; out: string; err: string }[] = [];
  const host: Host = {
    argv: ['node', 'program', 'password', '--region', 'eu-west-1'],
    env: { AWS_REGION: 'eu-west-1' },
    stdin: new PassThrough().end(input),
    stdout: slow('out'),
    stderr: slow('err'),
    exit: (code) => void ends.push({ code, ...written }),
    once: (signal, act) => signals.once(signal, act),
  };
  return { host, ends, signals };
}

describe('a program', () => {
  it('ends with its exit code once all output is written, even if something is still in progress', async () => {
    const { host, ends } = slowHost();
    const underWay = setInterval(() => undefined, 1_000);
    await runHere(async ({ print, complain }) => {
      for (const word of ['one ', 'two ', 'three']) print(word);
      complain('a warning');
      complain('another');
      return 75;
    }, host);
    clearInterval(underWay);
    expect(ends).toEqual([{ code: 75, out: 'one two three', err: 'a warning\nanother\n' }]);
  });

  it('gets its arguments, its environment and its input', async () => {
    const { host } = slowHost('from a pipe');
    let given: Pick<Console, 'args' | 'env'> | undefined;
    let input: string | undefined;
    await runHere(async (console) => {
      given = console;
      input = await console.input();
      return 0;
    }, host);
    expect(given).toMatchObject({ args: ['password', '--region', 'eu-west-1'], env: host.env });
    expect(input).toBe('from a pipe');
  });

  it('reads all of a long input, and gets its beginning', async () => {
    const { host } = slowHost();
    let written = 0;
    async function* endless() {
      for (; written < 1_000; written++) yield await Promise.resolve('x'.repeat(10_000));
    }
    let input = '';
    await runHere(
      async (console) => {
        input = await console.input();
        return 0;
      },
      { ...host, stdin: endless() },
    );
    expect(written).toBe(1_000);
    expect(input).toBe('x'.repeat(65_536));
  });

  it('with a defect ends with 1 and prints the stack, but not the message', async () => {
    const { host, ends } = slowHost();
    await runHere(() => Promise.reject(new Error('planted-secret')), host);
    expect(ends).toEqual([{ code: 1, out: '', err: expect.stringContaining('please report it') }]);
    expect(ends[0]?.err).toContain('console.spec');
    expect(ends[0]?.err).not.toContain('planted-secret');
  });

  it.each([
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('ends normally after %s, so nothing is left behind, with exit code %d', async (signal, code) => {
    const { host, ends, signals } = slowHost();
    await runHere(async () => {
      signals.emit(signal);
      return 0;
    }, host);
    expect(ends[0]).toEqual({ code, out: '', err: '' });
  });

  it('ends without an error when the reader closes its output', async () => {
    const { host, ends } = slowHost();
    await runHere(async () => {
      host.stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      return 1;
    }, host);
    expect(ends[0]).toEqual({ code: 0, out: '', err: '' });
  });
});
