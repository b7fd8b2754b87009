import base from '../../jest.preset.mjs';

export default { ...base, displayName: 'kubernetes', rootDir: import.meta.dirname };
