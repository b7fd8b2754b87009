import base from '../../../jest.preset.mjs';

export default {
  ...base,
  displayName: 'e2e',
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/src/*.spec.ts'], // src/installed needs a cluster: see jest.installed.mjs
  // Jest's default on two cores is one. Each spec has a cluster of its own, and more than half of its time is waiting.
  maxWorkers: 4,
};
