import base from '../../jest.preset.mjs';

export default { ...base, displayName: 'webhook', rootDir: import.meta.dirname };
