import base from '../../jest.preset.mjs';

export default { ...base, displayName: 'e2e', rootDir: import.meta.dirname };
