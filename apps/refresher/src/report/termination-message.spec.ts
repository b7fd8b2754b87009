import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leaveMessage } from './termination-message.ts';

describe('the termination message', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'termination-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each(['x', 'é', '大', '😀'])(
    'has no more bytes than Kubernetes keeps, and whole characters: %s',
    (letter) => {
      for (let shift = 0; shift < 4; shift++) {
        const file = join(folder, `${shift}`);
        leaveMessage(file, '-'.repeat(shift) + letter.repeat(5_000));
        const bytes = readFileSync(file);
        expect(bytes.length).toBeLessThanOrEqual(4_096);
        const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
        expect(text).toMatch(new RegExp(`^-{${shift}}(?:${letter})+…$`, 'u'));
      }
    },
  );

  it('is left nowhere outside of a container', () => {
    leaveMessage(join(folder, 'missing', 'file'), 'x');
    expect(existsSync(join(folder, 'missing'))).toBe(false);
  });

  it('takes the place of the one before', () => {
    const file = join(folder, 'log');
    writeFileSync(file, 'a longer one');
    leaveMessage(file, 'short');
    expect(readFileSync(file, 'utf8')).toBe('short');
  });

  it('does not hold the refresher where it goes to a named pipe that nobody reads, which is told', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const told = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    leaveMessage(pipe, 'x');
    expect(told.mock.calls).toEqual([[`The termination message could not be written to ${pipe} (ENXIO)`]]);
    told.mockRestore();
  });
});
