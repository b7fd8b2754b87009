import base from './jest.config.mjs';

// Compares src/testing/kubectl/record.json with the kubectl that the variable KUBECTL names; writes it with RECORD=1.
export default {
  ...base,
  displayName: 'kubectl',
  testPathIgnorePatterns: [],
  testMatch: ['<rootDir>/src/kubectl.spec.ts'],
};
