import { styleText } from 'node:util';

/** Prints the story: chapters, actions, observations. The story fails if an observation is not true. */
export interface Narrator {
  chapter(title: string): void;
  /** A sentence between actions. */
  say(text: string): void;
  /** An action, such as a command. */
  act(text: string): void;
  /** An observation. @throws StoryError if it is not true */
  see(text: string, holds: boolean, otherwise?: string): void;
  /** Text as a program printed it. */
  quote(text: string): void;
}

/** An observation of the story was not true. */
export class StoryError extends Error {}

export function narrator(write: (line: string) => void, colours: boolean): Narrator {
  const style = (format: Parameters<typeof styleText>[0], text: string) =>
    colours ? styleText(format, text, { validateStream: false }) : text;
  const started = performance.now();
  let chapters = 0;
  return {
    chapter(title) {
      const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(2);
      write('');
      write(`${style(['bold', 'cyan'], `${++chapters}. ${title}`)} ${style('dim', `${seconds} s`)}`);
    },
    say: (text) => write(style('dim', `   ${text}`)),
    act: (text) => write(`   ${style('yellow', '$')} ${text}`),
    see(text, holds, otherwise = 'that is not what happened') {
      if (!holds) throw new StoryError(`${text}: ${otherwise}`);
      write(`   ${style('green', '✓')} ${text}`);
    },
    quote(text) {
      for (const line of wrap(text, 100)) write(style('magenta', `     │ ${line}`));
    },
  };
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line.length + word.length + 1 > width && line !== '') {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
