export * from './client/api-client.ts';
export * from './client/kubernetes-error.ts';
export * from './client/server-clock.ts';
export * from './lists/listing.ts';
export * from './lists/metadata-answer.ts';
