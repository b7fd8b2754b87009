import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import jsonc from 'jsonc-eslint-parser';

/** A folder may import those that come after it in the list, and none before it. Tests may import any. */
function downwards(root, folders) {
  return folders.slice(1).map((folder, index) => ({
    target: [`${root}/${folder}/**/!(*.spec).ts`],
    from: folders.slice(0, index + 1).map((above) => `${root}/${above}`),
    message: `In ${root}, imports run down: ${folders.join(', ')}.`,
  }));
}

export default [
  { ignores: ['**/dist', '**/out-tsc', '**/coverage', '.nx', 'node_modules', 'docs'] },
  ...nx.configs['flat/base'],
  ...nx.configs['flat/typescript'],
  {
    files: ['**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: true,
          allow: [
            '../../../tools/library-readme.mjs',
            '../../library-readme.mjs',
            '../../../tools/slow-address.mjs',
            '../../../../tools/slow-address.mjs',
          ],
          depConstraints: [
            // The three published libraries stand alone.
            { sourceTag: 'type:lib', onlyDependOnLibsWithTags: [] },
            { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib', 'type:internal'] },
            // Private libraries that the apps share.
            { sourceTag: 'type:internal', onlyDependOnLibsWithTags: ['type:lib'] },
            // What surrounds the product in tests imports nothing of it, so that both cannot be wrong alike.
            { sourceTag: 'type:surroundings', onlyDependOnLibsWithTags: [] },
            {
              sourceTag: 'type:tool',
              onlyDependOnLibsWithTags: ['type:lib', 'type:internal', 'type:surroundings', 'type:tool'],
            },
          ],
        },
      ],
    },
  },
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
    },
  },
  {
    // Imports between the files of a project have no circles, and those between its folders run down this list.
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
          zones: [
            ...downwards('apps/webhook/src', [
              'load',
              'review',
              'readiness',
              'http',
              'certificate',
              'operations',
            ]),
            ...downwards('apps/refresher/src', ['commands', 'report', 'run', 'kubernetes', 'config']),
            ...downwards('libs/kubernetes/src', [
              'lists',
              'client',
              'connection',
              'credentials',
              'kubeconfig',
              'files',
            ]),
          ],
        },
      ],
    },
  },
  {
    files: ['**/*.spec.ts', '**/testing/**'],
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
            '@ecr-anywhere/settings',
            '@ecr-anywhere/aws-emulator',
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
