import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';

/** A command in a terminal of its own. */
export interface TerminalSession {
  readonly pid: number;
  /** Everything that it printed, without colours, and without what npm shows while it starts. */
  text(): string;
  /** As if somebody typed it. */
  type(text: string): void;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

/** npm's spinner, and the carriage returns of the terminal. */
const SPINNER = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏\r]/gu;

/** Runs a command of the shell in a terminal with this many columns. `script` of util-linux makes the terminal. */
export function openTerminal(
  command: string,
  { columns, ...options }: { columns: number; cwd: string; env: NodeJS.ProcessEnv },
): TerminalSession {
  const inside = `stty cols ${columns} && exec ${command}`;
  const child = spawn('script', ['-qefc', inside, '/dev/null'], { ...options, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => void (output += part));
  }
  return {
    pid: child.pid ?? -1,
    text: () => stripVTControlCharacters(output).replaceAll(SPINNER, ''),
    type: (text) => void child.stdin.write(text),
    ended: once(child, 'exit').then(([code]) => code as number | null),
  };
}
