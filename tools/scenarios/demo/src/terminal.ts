import { styleText } from 'node:util';
import { layout, type Paragraph, type Style } from './layout.ts';

/** Standard output, or what a test has in its place. */
export interface Output {
  /** Undefined if it is no terminal. */
  readonly columns?: number;
  write(text: string): unknown;
}

const STYLES: Readonly<Record<Style, Parameters<typeof styleText>[0]>> = {
  title: ['bold', 'cyan'],
  faint: 'dim',
  prompt: 'yellow',
  tick: 'green',
  quote: 'magenta',
};

const WITHOUT_TERMINAL = 80;
/** Longer lines are hard to read. */
const WIDEST = 120;

/** Prints paragraphs in lines that fit the terminal. */
export function terminal(output: Output, colours: boolean): (paragraph: Paragraph) => void {
  return (paragraph) => {
    // Some terminals say that they have 0 columns.
    const width = Math.min(output.columns || WITHOUT_TERMINAL, WIDEST);
    for (const line of layout(paragraph, width)) {
      const spans = line.map(({ text, style }) =>
        colours && style !== undefined ? styleText(STYLES[style], text, { validateStream: false }) : text,
      );
      output.write(`${spans.join('')}\n`);
    }
  };
}
