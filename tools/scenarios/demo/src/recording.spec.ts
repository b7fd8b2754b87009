import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceRoot } from '@ecr-anywhere/local-installation';
import { describe, expect, it } from '@jest/globals';
import { layout, textOf, type Paragraph } from './layout.ts';
import { comparable, draw, textIn } from './recording.ts';

const STORY: readonly Paragraph[] = [
  { kind: 'chapter', text: '1. Before', seconds: 0 },
  { kind: 'command', text: 'kubectl apply -f <file> && echo "done"' },
  { kind: 'quotation', text: 'test/a  11s  expires soon' },
];

describe('a recording', () => {
  it('has the text of the story, whatever its characters', () => {
    expect(textIn(draw(STORY))).toBe(
      STORY.flatMap((paragraph) => layout(paragraph, 80))
        .slice(1)
        .map(textOf)
        .join('\n'),
    );
  });

  it('is compared without line breaks, times and durations, and without the Secret that comes first', () => {
    const one = `   ✓ It is good until 2026-11-28T06:39:35.484Z (in 20 s).
     │ first to end: test/later-1 at
     │   2026-11-28T06:39:42Z`;
    const other = `   ✓ It is good
     until 2027-01-02T03:04:05.678Z (in 9 s).
     │ first to end: test/other at 2027-01-02T03:04:05Z`;
    expect(comparable(one)).toBe(comparable(other));
    expect(comparable(one)).not.toBe(comparable(other.replace('good', 'bad')));
    expect(comparable('checked 3, due 1')).not.toBe(comparable('checked 3, due 2'));
  });
});

describe('docs/demo.svg', () => {
  const svg = readFileSync(join(workspaceRoot(), 'docs/demo.svg'), 'utf8');

  it('loads nothing, runs nothing, and is small', () => {
    expect(svg).not.toMatch(/<script|<image|<foreignObject|href|url\(|@import|\son\w+=/);
    expect(svg.length).toBeLessThan(20_000);
  });

  it('contains no token, key or content of a Secret', () => {
    const text = textIn(svg);
    expect(text.match(/\b(?:AKIA|ASIA)\w+/)).toBeNull();
    expect(text.match(/[\w+/=]{60,}/)).toBeNull();
    expect(text).toContain('<secret contents redacted>');
  });
});
