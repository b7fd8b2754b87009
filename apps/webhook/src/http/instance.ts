/** What replicas tell each other. Nothing secret. */
export interface InstanceInfo {
  readonly instance: string;
  readonly token: boolean;
}

/** Where replicas answer each other, on the webhook's own port. */
export const INSTANCE_PATH = '/instance';
