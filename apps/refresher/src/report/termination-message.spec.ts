import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTerminationMessage } from './termination-message.ts';

describe('the termination message', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'termination-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it.each(['x', 'é', '大', '😀'])('is cut between two characters to what Kubernetes keeps: %s', (letter) => {
    for (let shift = 0; shift < 4; shift++) {
      const file = join(folder, `${shift}`);
      writeTerminationMessage(file, '-'.repeat(shift) + letter.repeat(5_000));
      const bytes = readFileSync(file);
      expect(bytes.length).toBeLessThanOrEqual(4_096);
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      expect(text).toMatch(new RegExp(`^-{${shift}}(?:${letter})+…$`, 'u'));
    }
  });

  it('is not written outside a container', () => {
    writeTerminationMessage(join(folder, 'missing', 'file'), 'x');
    expect(existsSync(join(folder, 'missing'))).toBe(false);
  });

  it('replaces an older one', () => {
    const file = join(folder, 'log');
    writeFileSync(file, 'a longer one');
    writeTerminationMessage(file, 'short');
    expect(readFileSync(file, 'utf8')).toBe('short');
  });

  it('does not block the refresher if its file is a named pipe that nobody reads; the log says so', () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const logged = jest.spyOn(console, 'error').mockImplementation(() => undefined);
    writeTerminationMessage(pipe, 'x');
    expect(logged.mock.calls).toEqual([[`The termination message could not be written to ${pipe} (ENXIO)`]]);
    logged.mockRestore();
  });
});
