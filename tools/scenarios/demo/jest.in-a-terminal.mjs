import base from './jest.config.mjs';

/** Runs the whole demo: `npm run check:demo`. The story needs a machine that does nothing else, so `npm test` leaves it out. */
export default { ...base, testMatch: ['<rootDir>/src/in-a-terminal/*.spec.ts'], maxWorkers: 1 };
