import base from '../../jest.preset.mjs';

export default { ...base, displayName: 'run-report', rootDir: import.meta.dirname };
