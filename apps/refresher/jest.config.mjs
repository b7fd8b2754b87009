import base from '../../jest.preset.mjs';

export default { ...base, displayName: 'refresher', rootDir: import.meta.dirname };
