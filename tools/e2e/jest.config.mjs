import base from '../../jest.preset.mjs';

export default {
  ...base,
  displayName: 'e2e',
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/src/*.spec.ts'], // src/installed needs a cluster: see jest.installed.mjs
};
