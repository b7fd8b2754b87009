import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspaceRoot } from '@ecr-anywhere/local-installation';
import { describe, expect, it } from '@jest/globals';
import { readDocuments } from './documents.ts';
import { brokenLinks } from './links.ts';
import { blocksOf, filesWrittenBy, PAGES, readPage, withoutLineBreaks } from './page.ts';

const root = workspaceRoot();
const documents = await readDocuments(root);

describe('the documents of the repository', () => {
  it.each(documents)('$path: each link leads to a file, and to a heading in it', async ({ path }) => {
    expect(await brokenLinks(root, path)).toEqual([]);
  });

  it('use one account, and further ones where the text is about several accounts', () => {
    const others = documents.flatMap(({ path, text }) =>
      (text.match(/\b\d{12}\b/g) ?? [])
        .filter((account) => account !== '111122223333')
        .map((account) => `${path}: ${account}`),
    );
    expect([...new Set(others)].sort()).toEqual([
      'docs/getting-started/other-registries.md: 444455556666',
      'docs/profiles.md: 444455556666',
      'docs/profiles.md: 777788889999',
    ]);
  });

  it('name the version in each command that installs the chart, because its repository also has 1.x', async () => {
    const chart = await readFile(join(root, 'charts/ecr-anywhere/Chart.yaml'), 'utf8');
    const version = /^version: (.*)$/m.exec(chart)?.[1];
    const commands = documents.flatMap(({ text }) =>
      blocksOf(text).flatMap((block) => withoutLineBreaks(block.text).match(FROM_REPOSITORY) ?? []),
    );
    expect(commands.length).toBeGreaterThan(5);
    for (const command of commands) expect(`${command} `).toContain(`--version ${version} `);
  });

  it.each([
    ['the commands of the first installation', 'helm repo add ecr-anywhere '],
    ['the manifest of the first pod', 'name: hello'],
  ])('have %s in README.md and in getting started only, which a test compares', (_, text) => {
    const found = documents.filter((document) =>
      blocksOf(document.text).some((block) => block.text.includes(text)),
    );
    expect(found.map(({ path }) => path).sort()).toEqual(['README.md', 'docs/getting-started.md']);
  });
});

/** A command of Helm with a chart from our repository or from a registry. */
const FROM_REPOSITORY = /^ *helm .*(?:oci:|\secr-anywhere\/|--repo\s).*$/gm;

describe('README.md', () => {
  const readme = documents.find(({ path }) => path === 'README.md')?.text ?? '';

  it('has only commands and manifests that are in getting started too, where other tests run them', async () => {
    const pages = (await Promise.all(PAGES.map(readPage))).flatMap(({ blocks }) => blocks);
    const texts = pages.flatMap((block) => [
      block.text,
      ...filesWrittenBy(block).map(({ content }) => content),
    ]);
    const commands = new Set(texts.flatMap(commandsOf));
    const blocks = blocksOf(readme).filter(({ section }) => ['Install', 'Use'].includes(section));
    expect(blocks.map(({ language }) => language)).toEqual([
      'yaml',
      'yaml',
      'sh',
      'sh',
      'yaml',
      'sh',
      'text',
    ]);
    for (const { language, text } of blocks) {
      if (language === 'yaml') expect(texts).toContain(text);
      if (language === 'sh') expect(commandsOf(text).filter((command) => !commands.has(command))).toEqual([]);
    }
  });

  it('has no command that is longer than a terminal with 80 columns', () => {
    const lines = blocksOf(readme)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => text.split('\n'));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });
});

function commandsOf(text: string): string[] {
  return withoutLineBreaks(text).split('\n');
}

describe('the check of links', () => {
  it('finds a missing file, a missing heading, and the same in links to GitHub', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'links-'));
    const github = 'https://github.com/CentML/ecr-anywhere/blob/main';
    await writeFile(
      join(folder, 'page.md'),
      `# A heading, with \`code\`\n[1](page.md#a-heading-with-code) [2](#none) [3](none.md) [4](${github}/none.md) ` +
        `[5](${github}/page.md#a-heading-with-code) [6](https://example.com/none)\n` +
        '```\n# no heading\n[7](none.md)\n```\n[8](#no-heading)\n',
    );
    const broken = await brokenLinks(folder, 'page.md');
    await rm(folder, { recursive: true });
    expect(broken).toEqual(['#none', 'none.md', `${github}/none.md`, '#no-heading']);
  });
});
