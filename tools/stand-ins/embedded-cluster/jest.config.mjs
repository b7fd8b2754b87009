import base from '../../../jest.preset.mjs';

export default { ...base, displayName: 'embedded-cluster', rootDir: import.meta.dirname };
