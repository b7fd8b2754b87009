// Checks a library's README: its examples run, and it names everything that the library exports.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Writes every ```ts block of the README into a file. Importing the file runs the example. */
export async function readmeExamples(project) {
  const readme = await readFile(join(project, 'README.md'), 'utf8');
  const folder = join(project, 'out-tsc', 'readme');
  await mkdir(folder, { recursive: true });
  const blocks = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
  if (blocks.length === 0) throw new Error(`${project}/README.md has no ts example`);
  return Promise.all(
    blocks.map(async (code, index) => {
      const file = join(folder, `example-${index + 1}.ts`);
      await writeFile(file, code);
      // The expected output of a line: `console.log(x); // → text`
      const prints = [...code.matchAll(/\/\/ → (.*)/g)].map(([, text]) => text);
      return { file, code, prints };
    }),
  );
}

/** Runs the examples in order. @returns the output of each, and the expected output */
export async function runExamples(examples) {
  const { log } = console;
  const results = [];
  try {
    for (const { file, prints } of examples) {
      const printed = [];
      console.log = (value) => printed.push(String(value));
      await import(file);
      results.push({ printed, prints });
    }
  } finally {
    console.log = log;
  }
  return results;
}

/** The exported names, types included, that the README does not mention. */
export async function undocumentedExports(project) {
  const readme = await readFile(join(project, 'README.md'), 'utf8');
  const words = new Set(readme.match(/\w+/g));
  return (await exportsOf(join(project, 'src', 'index.ts'))).filter((name) => !words.has(name));
}

async function exportsOf(file) {
  const code = await readFile(file, 'utf8');
  const declared = code.matchAll(/^export (?:async )?(?:function|const|class|interface|type) (\w+)/gm);
  const listed = code.matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  const files = [...code.matchAll(/^export \* from '(.*)'/gm)].map(([, path]) => join(dirname(file), path));
  return [
    ...[...declared].map(([, name]) => name),
    ...[...listed].flatMap(([, names]) =>
      names
        .split(',')
        .map((name) => name.trim().replace(/^type /, ''))
        .filter(Boolean),
    ),
    ...(await Promise.all(files.map(exportsOf))).flat(),
  ];
}
