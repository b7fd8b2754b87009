import base from '../../../jest.preset.mjs';

export default { ...base, displayName: 'aws-emulator', rootDir: import.meta.dirname };
