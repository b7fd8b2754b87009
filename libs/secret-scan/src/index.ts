export * from './config-hash.ts';
export * from './contract.ts';
export * from './due.ts';
export * from './outcome.ts';
export * from './summary.ts';
