import base from './jest.config.mjs';

// stage.ts and platform.ts ask for it; the process of each worker inherits it.
process.env.CLUSTER = 'installed';

// On a cluster that ECR Anywhere is installed on by helm; one spec after another, as they share it.
export default {
  ...base,
  displayName: 'installed',
  testMatch: [
    '<rootDir>/src/installed/**/*.spec.ts',
    '<rootDir>/src/{admission,refresher,refresher-faults}.spec.ts',
  ],
  maxWorkers: 1,
};
