import base from '../../../jest.preset.mjs';

export default {
  ...base,
  displayName: 'getting-started',
  rootDir: import.meta.dirname,
  testMatch: ['<rootDir>/src/*.spec.ts'], // the others need Python or kube-apiserver: jest.moto.mjs, jest.real.mjs
};
