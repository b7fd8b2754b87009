import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { emptyProject, type EmptyProject } from './empty-project.ts';

const root = join(import.meta.dirname, '../../..');
const { resolve } = createRequire(import.meta.url);
const tsc = resolve('typescript/bin/tsc');
const types = join(root, 'node_modules/@types');

// The same program in each module system: one value of each library.
const PROGRAM = `
console.log(parseRegistry('111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1')?.region);
console.log(jsonPointer('metadata', 'annotations', 'a/b'));
console.log(isManaged({ labels: { 'ecr-anywhere.centml.ai/managed': 'true' } }));
`;
const IMPORTS = `
import { parseRegistry } from '@ecr-anywhere/ecr-token';
import { jsonPointer } from '@ecr-anywhere/admission';
import { isManaged } from '@ecr-anywhere/secret-scan';
`;
const REQUIRES = `
const { parseRegistry, EcrTokenError } = require('@ecr-anywhere/ecr-token');
const { jsonPointer } = require('@ecr-anywhere/admission');
const { isManaged } = require('@ecr-anywhere/secret-scan');
`;
const PRINTED = 'eu-west-1\n/metadata/annotations/a~1b\ntrue\n';

describe('the published libraries, installed from their tarballs in an empty project', () => {
  let project: EmptyProject;

  beforeAll(async () => {
    project = await emptyProject(root, ['libs/admission', 'libs/ecr-token', 'libs/secret-scan']);
  }, 120_000);

  afterAll(() => project?.remove());

  it('work from an ES module', async () => {
    await project.write('program.mjs', IMPORTS + PROGRAM);
    expect(await project.run('node', 'program.mjs')).toBe(PRINTED);
  });

  it('work from CommonJS', async () => {
    await project.write('program.cjs', REQUIRES + PROGRAM);
    expect(await project.run('node', 'program.cjs')).toBe(PRINTED);
  });

  it('recognise an error of the copy for the other module system', async () => {
    await project.write(
      'copies.mjs',
      `import { createRequire } from 'node:module';
       import { isEcrTokenError, EcrTokenError as Ours } from '@ecr-anywhere/ecr-token';
       const { EcrTokenError } = createRequire(import.meta.url)('@ecr-anywhere/ecr-token');
       const error = new EcrTokenError({ code: 'network', message: 'm', remedy: 'r' });
       console.log(error instanceof Ours, isEcrTokenError(error));`,
    );
    expect(await project.run('node', 'copies.mjs')).toBe('false true\n');
  });

  it.each([
    { file: 'module.mts', module: 'node16', moduleResolution: 'node16' },
    { file: 'common.cts', module: 'node16', moduleResolution: 'node16' },
    { file: 'bundled.ts', module: 'esnext', moduleResolution: 'bundler' },
  ])(
    'have types for $file with moduleResolution $moduleResolution',
    async ({ file, module, moduleResolution }) => {
      await project.write(
        file,
        `${IMPORTS}${PROGRAM}
       // @ts-expect-error a host is a string: without types this would pass
       parseRegistry(1);`,
      );
      await project.write(
        `tsconfig.${file}.json`,
        JSON.stringify({
          compilerOptions: {
            strict: true,
            noEmit: true,
            target: 'es2022',
            lib: ['es2022'],
            module,
            moduleResolution,
            types: ['node'],
            typeRoots: [types],
            skipLibCheck: false,
          },
          files: [file],
        }),
      );
      await project.run('node', tsc, '-p', `tsconfig.${file}.json`);
    },
    60_000,
  );

  it('bring their command-line programs along', async () => {
    const installed = 'node_modules/@ecr-anywhere/ecr-token/package.json';
    const { version } = JSON.parse(await readFile(join(project.folder, installed), 'utf8')) as {
      version: string;
    };
    expect(await project.run('npx', '--no-install', 'ecr-token', '--version')).toBe(`ecr-token ${version}\n`);
    expect(await project.run('npx', '--no-install', 'docker-credential-ecr-token', 'version')).toBe(
      `docker-credential-ecr-token (@ecr-anywhere/ecr-token) ${version}\n`,
    );
    // The SDK is loaded for it, and nobody is asked.
    const run = project.run('env', 'AWS_ROLE_ARN=none', 'npx', '--no-install', 'ecr-token', 'password');
    await expect(run).rejects.toThrow('[invalid-settings]');
  });
});
