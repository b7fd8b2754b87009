import base from '../../../jest.preset.mjs';

// src/programs needs no cluster: `npm test` runs it, and a real cluster would change nothing.
const folders = process.env.CLUSTER === 'real' ? ['src'] : ['src', 'src/programs'];

export default {
  ...base,
  displayName: 'e2e',
  rootDir: import.meta.dirname,
  testMatch: folders.map((folder) => `<rootDir>/${folder}/*.spec.ts`), // jest.installed.mjs runs src/installed
  // On two cores, Jest's default is one worker. Each spec has its own cluster, and waits for more than half of its time.
  maxWorkers: 4,
  testTimeout: 120_000, // programs start in seconds, and in many seconds on a busy machine
};
