/**
 * What replicas tell each other. It holds no secret. During a rollout, replicas of two versions ask each other: fields may be
 * added, but never be changed.
 */
export interface InstanceInfo {
  readonly instance: string;
  /** Whether the replica has had a token of the profile that its readiness depends on. */
  readonly token: boolean;
}

/** Where replicas ask each other, on the port of reviews. */
export const INSTANCE_PATH = '/instance';
