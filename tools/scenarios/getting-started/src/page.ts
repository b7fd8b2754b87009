import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workspaceRoot } from '@ecr-anywhere/local-installation';

/** The pages of the documentation that this project reads. */
export const PAGES = [
  'docs/getting-started.md',
  'docs/getting-started/web-identity.md',
  'docs/getting-started/other-registries.md',
  'docs/getting-started/air-gapped.md',
] as const;

/** A fenced block of a page, such as commands (`sh`) or values (`yaml`). */
export interface Block {
  /** The heading above it, without `#`. */
  readonly section: string;
  /** The line of its first line, for messages. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

/** A file that commands of a page write: `cat > NAME <<'EOF'`. */
export interface WrittenFile {
  readonly name: string;
  readonly content: string;
}

export interface Page {
  /** Its path from the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

export async function readPage(path: (typeof PAGES)[number]): Promise<Page> {
  const text = await readFile(join(workspaceRoot(), path), 'utf8');
  return { path, text, blocks: blocksOf(text) };
}

/** All blocks of Markdown. A block in a list loses its indentation. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let section = '';
  let open: { indentation: string; language: string; line: number; lines: string[] } | undefined;
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^( *)```(\w*)$/.exec(line);
    if (open && fence) {
      const { indentation, lines, ...block } = open;
      const text = lines.map((each) =>
        each.startsWith(indentation) ? each.slice(indentation.length) : each,
      );
      blocks.push({ section, ...block, text: `${text.join('\n')}\n` });
      open = undefined;
    } else if (open) open.lines.push(line);
    else if (fence) {
      open = { indentation: fence[1] ?? '', language: fence[2] ?? '', line: index + 2, lines: [] };
    } else section = /^#+ (.*)$/.exec(line)?.[1] ?? section;
  }
  return blocks;
}

/** The commands of a block, with those that go on after a backslash on one line. */
export function withoutLineBreaks(commands: string): string {
  return commands.replace(/\s*\\\n\s*/g, ' ');
}

const HEREDOC = /^cat > (\S+) <<'EOF'\n([\s\S]*?)^EOF$/gm;

export function filesWrittenBy(block: Block): WrittenFile[] {
  return [...block.text.matchAll(HEREDOC)].map(([, name = '', content = '']) => ({ name, content }));
}

/** The programs that belong to no shell. Whoever adds another one to a page has to say where it is tried. */
const PROGRAMS = [
  'aws',
  'az',
  'curl',
  'docker',
  'git',
  'helm',
  'kubectl',
  'npm',
  'npx',
  'systemctl',
] as const;
export type NamedProgram = (typeof PROGRAMS)[number];

/** The programs that the commands of a block run, besides those of every shell. */
export function programsOf(block: Block): NamedProgram[] {
  const commands = block.text.replace(HEREDOC, '');
  return PROGRAMS.filter((program) =>
    new RegExp(String.raw`(?:^|[|&;(]|\bdo\b)\s*${program}\s`, 'm').test(commands),
  );
}

/** What a policy is attached to: an identity, a role as its trust policy, or a repository or bucket. */
export type PolicyKind = 'permissions' | 'trust' | 'resource';

export interface Policy {
  readonly name: string;
  readonly kind: PolicyKind;
  readonly text: string;
}

/** The calls that take a policy, and what kind. */
const TAKES: Readonly<Record<string, PolicyKind>> = {
  'create-role': 'trust',
  'put-bucket-policy': 'resource',
  'put-role-policy': 'permissions',
  'put-user-policy': 'permissions',
  'set-repository-policy': 'resource',
  'update-assume-role-policy': 'trust',
};

/** The policies that the commands of a page write. @throws Error if no command of the same block uses one of them */
export function policiesOf({ path, blocks }: Page): Policy[] {
  return blocks.flatMap((block) =>
    filesWrittenBy(block)
      .filter(({ content }) => /"(Statement|Effect)"/.test(content))
      .map(({ name, content }) => {
        const takesIt = new RegExp(String.raw`^aws \w+ ([\w-]+) .*file://${name}$`, 'm');
        const call = takesIt.exec(withoutLineBreaks(block.text))?.[1];
        const kind = TAKES[call ?? ''];
        if (!kind) throw new Error(`${path}:${block.line}: no command that is known uses ${name}`);
        return { name, kind, text: content };
      }),
  );
}
