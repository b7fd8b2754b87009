import base from '../../../jest.preset.mjs';

export default { ...base, displayName: 'packages', rootDir: import.meta.dirname };
