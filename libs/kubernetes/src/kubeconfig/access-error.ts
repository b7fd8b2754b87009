/**
 * A kubeconfig, or the setting that names it, is wrong. Another attempt would fail too. The message names the file and the
 * field, and contains nothing secret.
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
