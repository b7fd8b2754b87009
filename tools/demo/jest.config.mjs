import base from '../../jest.preset.mjs';

export default { ...base, displayName: 'demo', rootDir: import.meta.dirname };
