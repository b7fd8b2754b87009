import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Document {
  /** Its path from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

const MARKDOWN = /\.md(\.gotmpl)?$/;
/** Folders with the files of others, and with what a build makes. */
const SKIPPED = /^(\..*|node_modules|dist)$/;

/** The Markdown files of the repository, and the templates of such files. */
export async function readDocuments(root: string, folder = ''): Promise<Document[]> {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const found = entries.map(async (entry): Promise<Document[]> => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.test(entry.name) ? [] : readDocuments(root, path);
    return MARKDOWN.test(path) ? [{ path, text: await readFile(join(root, path), 'utf8') }] : [];
  });
  return (await Promise.all(found)).flat();
}
