import base from '../../../jest.preset.mjs';

// src/in-a-terminal runs the whole demo: see jest.in-a-terminal.mjs.
export default {
  ...base,
  displayName: 'demo',
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/src/*.spec.ts'],
};
