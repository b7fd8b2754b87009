export * from './fake-api-server.ts';
export * from './is-alive.ts';
