import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { layout, textOf, type Paragraph } from './layout.ts';
import { narrow } from './narrator.ts';

const KINDS = ['sentence', 'command', 'observation', 'quotation'] as const;
const words = fc.array(fc.stringMatching(/^[\w.:/-]{1,40}$/), { minLength: 1, maxLength: 60 });

function linesOf(paragraph: Paragraph, width: number): string[] {
  return layout(paragraph, width).map(textOf);
}

describe('the layout of the story', () => {
  it.each([60, 80, 120])('fits %d columns, and breaks no word', (width) => {
    fc.assert(
      fc.property(words, fc.constantFrom(...KINDS), (texts, kind) => {
        const lines = linesOf({ kind, text: texts.join(' ') }, width);
        expect(lines.filter((line) => line.length > width)).toEqual([]);
        const printed = lines.map((line) => line.replace(/^ *[$✓│]? */, '').replace(/ \\$/, ''));
        expect(printed.join(' ').split(/ +/)).toEqual(texts);
      }),
    );
  });

  it('puts a word that is too long on a line of its own', () => {
    expect(linesOf({ kind: 'sentence', text: `see ${'x'.repeat(70)} there` }, 60)).toEqual([
      '   see',
      `   ${'x'.repeat(70)}`,
      '   there',
    ]);
  });

  it('breaks a command so that the shell still reads it as one', () => {
    const text = `pull --creds AWS:password 111122223333.dkr.ecr.us-east-1.amazonaws.com/test:latest`;
    expect(linesOf({ kind: 'command', text }, 60)).toEqual([
      '   $ pull --creds AWS:password \\',
      '    111122223333.dkr.ecr.us-east-1.amazonaws.com/test:latest',
    ]);
  });

  it('keeps the words of a placeholder together', () => {
    expect(linesOf({ kind: 'quotation', text: 'Invalid value: "<secret contents redacted>"' }, 40)).toEqual([
      '     │ Invalid value:',
      '     │   "<secret contents redacted>"',
    ]);
  });

  it('indents the further lines of a quotation, inside of its bar', () => {
    expect(linesOf({ kind: 'quotation', text: 'checked 3, due 1, refreshed 0' }, 24)).toEqual([
      '     │ checked 3, due 1,',
      '     │   refreshed 0',
    ]);
  });

  it('keeps a table of the refresher a table, also with 60 columns', () => {
    const table = narrow([
      `${'SECRET'.padEnd(50)}${'LIFE LEFT'.padEnd(12)}WHY`,
      `${'test/ecr-secret'.padEnd(50)}${'11s'.padEnd(12)}expires soon`,
    ]);
    expect(table.flatMap((text) => linesOf({ kind: 'quotation', text }, 60))).toEqual([
      '     │ SECRET           LIFE LEFT  WHY',
      '     │ test/ecr-secret  11s        expires soon',
    ]);
  });
});
