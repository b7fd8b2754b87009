// Runs the first ```ts block of a library's README as its reader would, so that it cannot go stale.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes the example beside the sources' other output; importing that file runs it. */
export async function readmeExample(project) {
  const readme = await readFile(join(project, 'README.md'), 'utf8');
  const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1];
  if (code === undefined) throw new Error(`${project}/README.md has no ts example`);
  const file = join(project, 'out-tsc', 'readme-example.ts');
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, code);
  // What the README says that each line prints: `console.log(x); // → text`
  const prints = [...code.matchAll(/\/\/ → (.*)/g)].map(([, text]) => text);
  return { file, prints };
}
