/**
 * The result of an admission, as logs and metrics show it. `bridged`: an older token or credential was used. `incomplete`: of
 * several credentials, at least one is missing.
 */
export type AdmissionResult =
  | 'untouched'
  | 'kept'
  | 'refreshed'
  | 'bridged'
  | 'incomplete'
  | 'refused'
  | 'unavailable'
  | 'denied'
  | 'error';
