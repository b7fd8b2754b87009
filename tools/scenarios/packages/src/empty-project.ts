import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A user's project, with only the packed libraries installed. */
export interface EmptyProject {
  readonly folder: string;
  /** Writes a file into the project. */
  write(file: string, content: string): Promise<void>;
  /** Runs a program in the project. @returns its standard output @throws Error with both outputs */
  run(command: string, ...args: string[]): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Packs `libraries` (folders below `root`) as npm would publish them, and installs the tarballs as a user would.
 * Their dependencies come from npm's cache, which `npm ci` in this checkout has filled.
 */
export async function emptyProject(root: string, libraries: readonly string[]): Promise<EmptyProject> {
  const folder = await mkdtemp(join(tmpdir(), 'consumer-'));
  const project: EmptyProject = {
    folder,
    async write(file, content) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), content);
    },
    async run(command, ...args) {
      const { NODE_OPTIONS: _, FORCE_COLOR: __, ...env } = process.env; // both belong to the test runner
      try {
        return (await run(command, args, { cwd: folder, env })).stdout;
      } catch (error) {
        const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
        throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error });
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
  const folders = libraries.map((library) => `./${library}`);
  await run('npm', ['pack', '--pack-destination', folder, ...folders], { cwd: root });
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  await project.write('package.json', '{"name":"consumer","private":true}');
  await project.run(
    'npm',
    'install',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    ...tarballs.map((name) => `./${name}`),
  );
  return project;
}
