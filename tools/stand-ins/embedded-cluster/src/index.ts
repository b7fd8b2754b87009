export { ApiFaults, faultyAnswer, seededRandom, type ApiFault, type ApiFaultScope } from './faults.ts';
export * from './start-embedded-cluster.ts';
