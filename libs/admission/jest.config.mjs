import base from '../../jest.preset.mjs';

export default { ...base, displayName: 'admission', rootDir: import.meta.dirname };
