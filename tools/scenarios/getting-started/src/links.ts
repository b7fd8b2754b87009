import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** How a page that is read elsewhere, such as the chart's README, links to a file of this repository. */
const ON_GITHUB = 'https://github.com/CentML/ecr-anywhere/blob/main/';

/**
 * The links of a Markdown file that lead to no file or folder of this repository, or to no heading in it. Links to other
 * places are not checked.
 *
 * @param path the path of the Markdown file from the root of the repository
 */
export async function brokenLinks(root: string, path: string): Promise<string[]> {
  const text = withoutBlocks(await readFile(join(root, path), 'utf8'));
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const broken = links.map(async (link) => {
    const [file = '', heading] = localTarget(link, path)?.split('#') ?? [];
    if (file === '') return [];
    if (!existsSync(join(root, file))) return [link];
    if (heading === undefined) return [];
    return anchors(await readFile(join(root, file), 'utf8')).includes(heading) ? [] : [link];
  });
  return (await Promise.all(broken)).flat();
}

/** The path from the root of the repository, and the heading after `#`. Undefined for a link to another place. */
function localTarget(link: string, path: string): string | undefined {
  if (link.startsWith(ON_GITHUB)) return link.slice(ON_GITHUB.length);
  if (/^[a-z]+:/.test(link)) return undefined;
  return link.startsWith('#') ? path + link : join(dirname(path), link);
}

/** The anchors that GitHub makes of headings. */
function anchors(markdown: string): string[] {
  return [...withoutBlocks(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}

function withoutBlocks(markdown: string): string {
  return markdown.replace(/^( *)```.*\n[\s\S]*?^\1```$/gm, '');
}
