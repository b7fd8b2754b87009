/** The result of an admission, as logs and metrics show it. */
export type AdmissionResult =
  'untouched' | 'kept' | 'refreshed' | 'bridged' | 'refused' | 'unavailable' | 'denied' | 'error';
