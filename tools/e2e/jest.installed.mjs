import base from './jest.config.mjs';

// On a cluster that ECR Anywhere is installed on by helm; one spec after another, as they share it.
export default {
  ...base,
  displayName: 'installed',
  testMatch: ['<rootDir>/src/installed/**/*.spec.ts'],
  maxWorkers: 1,
};
