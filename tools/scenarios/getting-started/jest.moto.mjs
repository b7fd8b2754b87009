import base from './jest.config.mjs';

// The AWS CLI takes a second to start, and many seconds on a busy machine. A section has up to ten commands.
export default {
  ...base,
  displayName: 'moto',
  testMatch: ['<rootDir>/src/moto/*.spec.ts'],
  testTimeout: 300_000,
  maxWorkers: 2, // on two cores, Jest's default is one
};
