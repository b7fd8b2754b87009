/** A part of the story, before it is broken into lines. */
export type Paragraph =
  | {
      readonly kind: 'chapter';
      readonly text: string;
      /** How long the story had taken when the chapter began, in seconds. */
      readonly seconds: number;
    }
  | {
      /** A sentence, a command, an observation, or a line that a program printed. */
      readonly kind: 'sentence' | 'command' | 'observation' | 'quotation';
      readonly text: string;
    };

export type Style = 'title' | 'faint' | 'prompt' | 'tick' | 'quote';

/** Text in one style. */
export interface Span {
  readonly text: string;
  readonly style?: Style;
}

export type Line = readonly Span[];

/** What the first line of a paragraph begins with, and what the others begin with. */
interface Form {
  readonly first: Line;
  readonly next: Line;
  readonly style?: Style;
  /** What ends a line that the next line continues. */
  readonly broken?: string;
}

const FORMS: Readonly<Record<Paragraph['kind'], Form>> = {
  chapter: { first: [], next: [{ text: '   ' }], style: 'title' },
  sentence: { first: [{ text: '   ' }], next: [{ text: '   ' }], style: 'faint' },
  // The shell reads a command in several lines as one.
  command: {
    first: [{ text: '   ' }, { text: '$', style: 'prompt' }, { text: ' ' }],
    next: [{ text: '    ' }],
    broken: ' \\',
  },
  observation: {
    first: [{ text: '   ' }, { text: '✓', style: 'tick' }, { text: ' ' }],
    next: [{ text: '     ' }],
  },
  quotation: {
    first: [{ text: '     │ ', style: 'quote' }],
    next: [{ text: '     │   ', style: 'quote' }],
    style: 'quote',
  },
};

/** Breaks a paragraph into lines of at most `width` columns. A word that is longer has a line of its own. */
export function layout(paragraph: Paragraph, width: number): readonly Line[] {
  const { first, next, style, broken = '' } = FORMS[paragraph.kind];
  const time = paragraph.kind === 'chapter' ? ` ${paragraph.seconds.toFixed(0).padStart(2)} s` : '';
  const end = Math.max(broken.length, time.length);
  const texts = wrap(paragraph.text, width - lengthOf(first) - end, width - lengthOf(next) - end);
  const lines = texts.map((text, index): Line => {
    const isLast = index === texts.length - 1;
    return [
      ...(index === 0 ? first : next),
      { text, ...(style && { style }) },
      ...(!isLast && broken !== '' ? [{ text: broken }] : []),
      ...(isLast && time !== '' ? [{ text: time, style: 'faint' as const }] : []),
    ];
  });
  return paragraph.kind === 'chapter' ? [[], ...lines] : lines;
}

export function textOf(line: Line): string {
  return line.map(({ text }) => text).join('');
}

function lengthOf(line: Line): number {
  return textOf(line).length;
}

/** Breaks a text at spaces. Spaces inside of a line stay as they are, as in a table. A `<placeholder of words>` stays whole. */
function wrap(text: string, first: number, next: number): string[] {
  const lines: string[] = [];
  let rest = text.trim().replace(PLACEHOLDER, (whole) => whole.replaceAll(' ', UNBREAKABLE));
  let room = first;
  while (rest.length > room) {
    const fitting = rest.lastIndexOf(' ', Math.max(0, room));
    const end = fitting > 0 ? fitting : rest.indexOf(' ');
    if (end < 0) break;
    lines.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
    room = next;
  }
  return [...lines, rest].map((line) => line.replaceAll(UNBREAKABLE, ' '));
}

const PLACEHOLDER = /<[^<>]{1,40}>/g;
const UNBREAKABLE = '\u00a0';
