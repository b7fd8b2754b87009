/** Whether a certificate was not believed, or something else than TLS was spoken. */
export function isTlsError(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return /^(UNABLE_TO_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_)/.test(code) || isNotTls(error);
}

/** Whether the server speaks plain HTTP, in the words of OpenSSL. */
export function isNotTls(error: unknown): boolean {
  return /wrong version number|packet length too long/.test((error as Error).message);
}
