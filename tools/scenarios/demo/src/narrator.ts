import type { Paragraph } from './layout.ts';

/** Tells the story: chapters, actions, observations. The story fails if an observation is not true. */
export interface Narrator {
  chapter(title: string): void;
  /** A sentence between actions. */
  say(text: string): void;
  /** An action, as the command for it on a cluster. */
  act(command: string): void;
  /** An observation. @throws StoryError if it is not true */
  see(text: string, holds: boolean, otherwise?: string): void;
  /** A text as a program printed it. */
  quote(text: string): void;
  /** A table as a program printed it, with narrow columns. */
  quoteTable(lines: readonly string[]): void;
}

/** An observation of the story was not true. */
export class StoryError extends Error {}

/** @param stop ends the story: after it, each call throws its reason */
export function narrator(write: (paragraph: Paragraph) => void, stop: AbortSignal): Narrator {
  const started = performance.now();
  let chapters = 0;
  const tell = (paragraph: Paragraph) => {
    stop.throwIfAborted();
    write(paragraph);
  };
  return {
    chapter: (title) =>
      tell({
        kind: 'chapter',
        text: `${++chapters}. ${title}`,
        seconds: Math.floor((performance.now() - started) / 1000),
      }),
    say: (text) => tell({ kind: 'sentence', text }),
    act: (text) => tell({ kind: 'command', text }),
    see(text, holds, otherwise = 'that is not what happened') {
      if (!holds) throw new StoryError(`${text}: ${otherwise}`);
      tell({ kind: 'observation', text });
    },
    quote: (text) => tell({ kind: 'quotation', text }),
    quoteTable(lines) {
      for (const text of narrow(lines)) tell({ kind: 'quotation', text });
    },
  };
}

/** The same table, whose columns are as wide as their longest cell. Two spaces or more separate cells. */
export function narrow(lines: readonly string[]): string[] {
  const rows = lines.map((line) => line.trim().split(/ {2,}/));
  const widthOf = (column: number) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0));
  return rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widthOf(column)))
      .join('  ')
      .trimEnd(),
  );
}
