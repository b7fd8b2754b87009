import base from '../../jest.preset.mjs';

export default { ...base, displayName: 'secret-scan', rootDir: import.meta.dirname };
