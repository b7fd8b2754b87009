export * from './fake-api-server.ts';
export * from './slow-server.ts';
export * from './two-addresses.ts';
