import base from '../../../jest.preset.mjs';

export default {
  ...base,
  displayName: 'e2e',
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/src/*.spec.ts'], // src/installed needs a cluster: see jest.installed.mjs
  // On two cores, Jest's default is one worker. Each spec has its own cluster, and waits for more than half of its time.
  maxWorkers: 4,
  testTimeout: 120_000, // programs start in seconds, and in many seconds on a busy machine
};
