/**
 * What says where the API server is, or who asks it, is wrong: trying again does not help. The message names the file and
 * the field, and shows nothing secret.
 */
export class AccessError extends Error {
  override readonly name = 'AccessError';

  constructor(
    message: string,
    /** The setting that has to be corrected. */
    readonly setting: 'kubeconfig' | 'context' = 'kubeconfig',
  ) {
    super(message);
  }
}
