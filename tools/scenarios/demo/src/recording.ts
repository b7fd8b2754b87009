import { layout, type Line, type Paragraph, type Style } from './layout.ts';

// The recording is docs/demo.svg. It brings its own background, so that it can be read in a light and in a dark page.

const COLUMNS = 92;
const FONT_SIZE = 13;
/** The width of a character in the usual monospaced fonts, as a part of the font size. */
const CHARACTER = 0.602;
const LINE_HEIGHT = 19;
const MARGIN = 16;

const COLOURS: Readonly<Record<Style, string>> = {
  title: '#79c0ff',
  faint: '#9198a1',
  prompt: '#e3b341',
  tick: '#56d364',
  quote: '#d2a8ff',
};

/** Draws the story as an SVG. */
export function draw(story: readonly Paragraph[]): string {
  const lines = story.flatMap((paragraph) => layout(paragraph, COLUMNS));
  if (lines[0]?.length === 0) lines.shift(); // the empty line before the first chapter
  const width = Math.ceil(COLUMNS * FONT_SIZE * CHARACTER + 2 * MARGIN);
  const height = lines.length * LINE_HEIGHT + 2 * MARGIN;
  const styles = Object.entries(COLOURS).map(([style, colour]) => `.${style}{fill:${colour}}`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" xml:space="preserve">
<title>The demo of ECR Anywhere, as npm run demo prints it</title>
<style>text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre;fill:#e6edf3}${styles.join('')}.title{font-weight:bold}</style>
<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="8" fill="#0d1117" stroke="#3d444d"/>
${lines.map((line, index) => drawLine(line, MARGIN + (index + 0.75) * LINE_HEIGHT)).join('')}</svg>
`;
}

function drawLine(line: Line, y: number): string {
  if (line.length === 0) return '';
  const spans = line.map(({ text, style }) =>
    style === undefined ? escape(text) : `<tspan class="${style}">${escape(text)}</tspan>`,
  );
  return `<text x="${MARGIN}" y="${y}">${spans.join('')}</text>\n`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The lines of a recording. */
export function textIn(svg: string): string {
  return [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)]
    .map(([, content = '']) => content.replaceAll(/<[^>]*>/g, ''))
    .join('\n')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/**
 * What two runs have in common, as words in one line. Runs may differ in where lines are broken, in times and durations,
 * and in which Secret a program names first. Everything else has to be the same.
 */
export function comparable(text: string): string {
  return text
    .replaceAll(/\\$/gm, '') // a command that continues
    .replaceAll('│', ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{3})?)?(?:Z| UTC)/g, 'TIME')
    .replaceAll(/\b\d+ ?s\b/g, 'DURATION')
    .replaceAll(/(first (?:to end|failure): test\/)[\w-]+/g, '$1SECRET')
    .trim();
}
