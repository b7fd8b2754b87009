import base from '../../jest.preset.mjs';

export default { ...base, displayName: 'local-installation', rootDir: import.meta.dirname };
