import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import jsonc from 'jsonc-eslint-parser';

/** The folders of each project from top to bottom. A folder imports only those below it. Tests may import any. */
const FOLDERS = {
  'apps/webhook/src': [
    'load',
    'review',
    'grants',
    'consumers',
    'profiles',
    'readiness',
    'http',
    'callers',
    'certificate',
    'report',
    'files',
    'operations',
  ],
  'apps/refresher/src': ['commands', 'report', 'run', 'kubernetes', 'config'],
  'libs/ecr-token/src': [
    'cli',
    'identity',
    'services',
    'docker',
    'token',
    'connection',
    'settings',
    'errors',
  ],
  'libs/ecr-token/src/identity': ['sources', 'chain', 'profiles', 'exchange', 'material'],
  'libs/kubernetes/src': ['lists', 'client', 'connection', 'credentials', 'kubeconfig', 'files'],
  'tools/scenarios/e2e/src/installed': ['chart', 'cluster'],
  'tools/stand-ins/aws-emulator/src': [
    'operations',
    'faults',
    'sts',
    'registry',
    'ecr',
    'authentication',
    'identities',
    'http',
  ],
  'tools/stand-ins/embedded-cluster/src': ['api', 'admission', 'storage', 'objects'],
};

function downwards([root, folders]) {
  return folders.slice(1).map((folder, index) => ({
    target: [`${root}/${folder}/**/!(*.spec).ts`],
    from: folders.slice(0, index + 1).map((above) => `${root}/${above}`),
    message: `In ${root}, imports run down: ${folders.join(', ')}.`,
  }));
}

const TESTS = ['**/*.spec.ts', '**/testing/**'];

/** @param surroundings tags of what surrounds the product in tests, where it may be imported */
function boundaries(surroundings = []) {
  return [
    'error',
    {
      // Tests are not built.
      enforceBuildableLibDependency: surroundings.length === 0,
      allow: [
        '../../../tools/build/library-readme.mjs',
        '../../../build/library-readme.mjs',
        '../../../tools/stand-ins/slow-address.mjs',
        '../../../../tools/stand-ins/slow-address.mjs',
      ],
      depConstraints: [
        // The three published libraries stand alone.
        { sourceTag: 'type:lib', onlyDependOnLibsWithTags: surroundings },
        { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib', 'type:internal', ...surroundings] },
        // Private libraries that the apps share.
        { sourceTag: 'type:internal', onlyDependOnLibsWithTags: ['type:lib', ...surroundings] },
        // What surrounds the product in tests imports nothing of it, so that both cannot have the same error.
        { sourceTag: 'type:surroundings', onlyDependOnLibsWithTags: surroundings },
        {
          sourceTag: 'type:tool',
          onlyDependOnLibsWithTags: ['type:lib', 'type:internal', 'type:surroundings', 'type:tool'],
        },
      ],
    },
  ];
}

export default [
  { ignores: ['**/dist', '**/out-tsc', '**/coverage', '.nx', 'node_modules', 'docs'] },
  ...nx.configs['flat/base'],
  ...nx.configs['flat/typescript'],
  { files: ['**/*.ts'], rules: { '@nx/enforce-module-boundaries': boundaries() } },
  { files: TESTS, rules: { '@nx/enforce-module-boundaries': boundaries(['type:surroundings']) } },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 80, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 15],
      'no-restricted-syntax': [
        'error',
        {
          selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier[imported.name='z']",
          message:
            "Write import * as z from 'zod', so that bundles leave out what is not used: 50 languages.",
        },
      ],
    },
  },
  {
    // No circles: no-cycle looks at values, no-restricted-paths at types as well.
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts', '.mjs'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.mjs'] })],
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-restricted-paths': [
        'error',
        {
          basePath: import.meta.dirname,
          zones: Object.entries(FOLDERS).flatMap(downwards),
        },
      ],
    },
  },
  {
    files: TESTS,
    rules: {
      'max-lines': 'off',
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    files: ['**/package.json'],
    languageOptions: { parser: jsonc },
    rules: {
      '@nx/dependency-checks': [
        'error',
        {
          // Private and never built by themselves, so that the rule cannot see that they are used.
          ignoredDependencies: [
            '@ecr-anywhere/kubernetes',
            '@ecr-anywhere/run-report',
            '@ecr-anywhere/settings',
            '@ecr-anywhere/aws-emulator',
            '@ecr-anywhere/certificates',
            '@ecr-anywhere/embedded-cluster',
            '@ecr-anywhere/local-installation',
          ],
          ignoredFiles: [
            '{projectRoot}/eslint.config.*',
            '{projectRoot}/jest.config.*',
            '{projectRoot}/**/*.spec.ts',
            '{projectRoot}/**/testing/**',
          ],
        },
      ],
    },
  },
  prettier,
];
