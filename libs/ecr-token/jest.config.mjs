import base from '../../jest.preset.mjs';

export default { ...base, displayName: 'ecr-token', rootDir: import.meta.dirname };
