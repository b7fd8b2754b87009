/** What an admission came to, in a word for logs and metrics. */
export type AdmissionResult =
  'untouched' | 'kept' | 'refreshed' | 'bridged' | 'refused' | 'unavailable' | 'denied' | 'error';
