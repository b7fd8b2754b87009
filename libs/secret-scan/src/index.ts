export * from './config-hash.ts';
export * from './contract.ts';
export * from './due.ts';
export * from './ends.ts';
export * from './outcome.ts';
export * from './summary.ts';
export * from './time.ts';
