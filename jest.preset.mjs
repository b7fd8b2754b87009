// Tests run TypeScript sources directly: no build comes first. ESM throughout, because some dependencies are ESM only.
export default {
  testEnvironment: 'node',
  testTimeout: 30_000, // machines are shared and noisy; a test that hangs is told soon enough
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
        swcrc: false,
      },
    ],
  },
  testEnvironmentOptions: {
    customExportConditions: ['@ecr-anywhere/source', 'node', 'node-addons'],
  },
};
