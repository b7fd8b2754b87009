import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startAwsEmulator, type AwsEmulator } from '@ecr-anywhere/aws-emulator';
import { readmeExamples } from '../../../build/library-readme.mjs';
import { emptyProject, type EmptyProject } from './empty-project.ts';

const root = join(import.meta.dirname, '../../../..');
const { resolve } = createRequire(import.meta.url);
const tsc = resolve('typescript/bin/tsc');
const types = join(root, 'node_modules/@types');

// The same program for each module system. It uses one value of each library.
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
const LIBRARIES = ['libs/admission', 'libs/ecr-token', 'libs/secret-scan'];
const TYPED = `${IMPORTS}${PROGRAM}
// @ts-expect-error a host is a string; without types, the compiler would accept this
parseRegistry(1);
`;
const PRINTED = 'eu-west-1\n/metadata/annotations/a~1b\ntrue\n';

/** The strictest options. The compiler also checks the types of the libraries. */
function tsconfig(files: readonly string[], options: object): string {
  const compilerOptions = {
    strict: true,
    target: 'es2022',
    lib: ['es2022'],
    types: ['node'],
    typeRoots: [types],
    skipLibCheck: false,
    ...options,
  };
  return JSON.stringify({ compilerOptions, files });
}

describe('the published libraries, installed from their tarballs in an empty project', () => {
  let project: EmptyProject;

  beforeAll(async () => {
    project = await emptyProject(root, LIBRARIES);
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

  it('recognize an error of the copy for the other module system', async () => {
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

  it('have types for bundled.ts with moduleResolution bundler', async () => {
    await project.write('bundled.ts', TYPED);
    const options = { noEmit: true, module: 'esnext', moduleResolution: 'bundler' };
    await project.write('tsconfig.bundled.json', tsconfig(['bundled.ts'], options));
    await project.run('node', tsc, '-p', 'tsconfig.bundled.json');
  }, 60_000);

  describe('with AWS', () => {
    const env = { ...process.env };
    let aws: AwsEmulator;
    beforeAll(async () => {
      aws = await startAwsEmulator();
      process.env['AWS_ENDPOINT_URL'] = aws.endpoint;
      process.env['AWS_ACCESS_KEY_ID'] = aws.accessKeys.accessKeyId;
      process.env['AWS_SECRET_ACCESS_KEY'] = aws.accessKeys.secretAccessKey;
    });
    afterAll(async () => {
      process.env = env;
      await aws?.stop();
    });

    it('have types for module.mts and common.cts, and the examples of their READMEs work', async () => {
      const examples = (await Promise.all(LIBRARIES.map((library) => readmeExamples(join(root, library)))))
        .flat()
        .map((example, index) => ({ ...example, name: `example-${index}` }));
      for (const file of ['module.mts', 'common.cts']) await project.write(file, TYPED);
      for (const { name, code } of examples) await project.write(`${name}.mts`, code);
      const files = ['module.mts', 'common.cts', ...examples.map(({ name }) => `${name}.mts`)];
      const options = { module: 'node16', moduleResolution: 'node16' };
      await project.write('tsconfig.json', tsconfig(files, options));
      await project.run('node', tsc, '-p', '.');
      for (const { name, prints } of examples) {
        const printed = await project.run('node', `${name}.mjs`);
        expect(printed.trimEnd().split('\n').filter(Boolean)).toEqual(prints);
      }
    }, 60_000);
  });

  it('have command-line programs', async () => {
    const installed = 'node_modules/@ecr-anywhere/ecr-token/package.json';
    const { version } = JSON.parse(await readFile(join(project.folder, installed), 'utf8')) as {
      version: string;
    };
    expect(await project.run('npx', '--no-install', 'ecr-token', '--version')).toBe(`ecr-token ${version}\n`);
    expect(await project.run('npx', '--no-install', 'docker-credential-ecr-token', 'version')).toBe(
      `docker-credential-ecr-token (@ecr-anywhere/ecr-token) ${version}\n`,
    );
    // The program loads the SDK, and sends no request.
    const run = project.run('env', 'AWS_ROLE_ARN=none', 'npx', '--no-install', 'ecr-token', 'password');
    await expect(run).rejects.toThrow('[invalid-settings]');
  });
});
