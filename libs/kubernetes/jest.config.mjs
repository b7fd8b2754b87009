import base from '../../jest.preset.mjs';

export default {
  ...base,
  displayName: 'kubernetes',
  rootDir: import.meta.dirname,
  testPathIgnorePatterns: ['/src/kubectl.spec.ts$'], // needs kubectl: see jest.kubectl.mjs
};
