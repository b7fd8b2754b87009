// Eight lines of the AWS SDK's in every spec that makes a client on Node 20, about which no test can do anything.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

// Tests run TypeScript sources directly: no build comes first. ESM throughout, because some dependencies are ESM only.
export default {
  testEnvironment: 'node',
  testTimeout: 60_000, // machines are shared and noisy: longer than any wait for something that happens soon
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
