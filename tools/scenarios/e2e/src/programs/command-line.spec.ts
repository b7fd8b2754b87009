import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { startProgram, workspaceRoot, type Exit } from '@ecr-anywhere/local-installation';
import { describe, expect, it } from '@jest/globals';

interface Told extends Exit {
  readonly output: string;
  readonly errors: string;
}

const ROOT = workspaceRoot();
const TOOLS = 'libs/ecr-token';

/** Every built program of this repository. A wrong call of a credential helper ends with 1, because Docker expects it. */
const PROGRAMS = [
  { name: 'webhook', folder: 'apps/webhook', main: 'dist/main.js', usage: 2 },
  { name: 'refresher', folder: 'apps/refresher', main: 'dist/main.js', usage: 2 },
  { name: 'ecr-token', folder: TOOLS, main: 'dist/esm/cli/ecr-token.js', usage: 2 },
  { name: 'docker-credential-ecr-token', folder: TOOLS, main: 'dist/esm/cli/docker-credential.js', usage: 1 },
  { name: 'aws-emulator', folder: 'tools/stand-ins/aws-emulator', main: 'dist/main.js', usage: 2 },
  { name: 'bench', folder: 'tools/scenarios/bench', main: 'dist/main.js', usage: 2 },
  { name: 'demo', folder: 'tools/scenarios/demo', main: 'dist/main.js', usage: 2 },
];

/** Fails if a program imports the AWS SDK, or more of a bundle than its command line. */
const WITHOUT_SDK = moduleHook(`
  export function resolve(specifier, context, next) {
    if (/^@(aws-sdk|smithy)\\/|\\/program\\.js$/.test(specifier)) throw new Error(specifier + ' is loaded');
    return next(specifier, context);
  }`);

function moduleHook(hooks: string): string {
  const registers = `import { register } from 'node:module'; register(${JSON.stringify(dataUrl(hooks))});`;
  return `--import=${dataUrl(registers)}`;
}

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

async function run(
  { folder, main }: (typeof PROGRAMS)[number],
  args: readonly string[],
  env: Record<string, string> = { NODE_OPTIONS: WITHOUT_SDK },
): Promise<Told> {
  const program = startProgram(join(ROOT, folder, main), { args, env });
  const exit = await program.ended;
  return { ...exit, output: program.output.join('\n'), errors: program.errors.join('\n') };
}

const programOf = (name: string) => PROGRAMS.find((program) => program.name === name)!;

describe.each(PROGRAMS)('the program $name', (program) => {
  it.each(['--help', '-h'])(
    'prints its help for %s within 80 columns, and loads nothing else',
    async (flag) => {
      const { code, output, errors } = await run(program, [flag]);
      expect({ code, errors }).toEqual({ code: 0, errors: '' });
      expect(output).toMatch(/^Usage: /);
      expect(output.split('\n').filter((line) => line.length > 80)).toEqual([]);
    },
  );

  it('prints the version of its package', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, program.folder, 'package.json'), 'utf8')) as {
      version: string;
    };
    const { code, output, errors } = await run(program, ['--version']);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(output.replace(' (@ecr-anywhere/ecr-token)', '')).toBe(`${program.name} ${version}`);
  });

  it('names an unknown argument in the error', async () => {
    const { code, output, errors } = await run(program, ['--nonsense'], {});
    expect(code).toBe(program.usage);
    expect(output + errors).toContain('--nonsense');
    expect((output + errors).split('\n').filter((line) => line.includes('    at '))).toEqual([]);
  });
});

describe('the programs', () => {
  it('in this list are all programs of this repository', () => {
    const mains = ['apps', 'tools/stand-ins', 'tools/scenarios'].flatMap((parent) =>
      readdirSync(join(ROOT, parent))
        .map((folder) => `${parent}/${folder}`)
        .filter((folder) => existsSync(join(ROOT, folder, 'src/main.ts'))),
    );
    const { bin } = JSON.parse(readFileSync(join(ROOT, TOOLS, 'package.json'), 'utf8')) as { bin: object };
    expect(PROGRAMS.map(({ name }) => name).sort()).toEqual(
      [...mains.map((folder) => basename(folder)), ...Object.keys(bin)].sort(),
    );
  });

  it.each(['webhook', 'refresher', 'aws-emulator'])(
    'load the rest if there is work to do: %s',
    async (name) => {
      expect((await run(programOf(name), [])).errors).toContain('program.js is loaded');
    },
  );

  it('load the SDK if there is work to do: ecr-token', async () => {
    const { code, errors } = await run(programOf('ecr-token'), ['password']);
    expect(code).toBe(1);
    expect(errors).toContain('This is a defect of ecr-token');
  });
});
