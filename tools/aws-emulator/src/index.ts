export type { LoggedCall } from './call-log.ts';
export type { Fault, FaultScope } from './faults.ts';
export type { AccessKeys, Milliseconds } from './identities.ts';
export type { Blob, Image } from './image.ts';
export * from './start-aws-emulator.ts';
export type { Role } from './sts.ts';
