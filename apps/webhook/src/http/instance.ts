/** What a replica says about itself. Nothing in it is secret. */
export interface InstanceInfo {
  readonly instance: string;
  readonly token: boolean;
}

/** Where replicas ask each other, on the port of reviews. */
export const INSTANCE_PATH = '/instance';
