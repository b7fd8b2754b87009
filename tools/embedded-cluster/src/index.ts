export type { Endpoint } from './admission/services.ts';
export type { ApiFault, ApiFaultScope } from './faults.ts';
export * from './start-embedded-cluster.ts';
