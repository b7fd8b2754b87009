import base from './jest.config.mjs';

export default {
  ...base,
  displayName: 'issuer',
  testMatch: ['<rootDir>/src/issuer/*.spec.ts'],
  testTimeout: 90_000,
};
