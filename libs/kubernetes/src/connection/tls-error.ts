/** Whether a certificate was not believed, the server has refused the handshake, or something else than TLS was spoken. */
export function isTlsError(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return (
    /^(UNABLE_TO_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_)/.test(code) ||
    isNotTls(error) ||
    tlsRefusal(error) !== undefined
  );
}

/** Whether the server speaks plain HTTP, in the words of OpenSSL. */
export function isNotTls(error: unknown): boolean {
  return /wrong version number|packet length too long/.test((error as Error).message);
}

/** How OpenSSL tells of an alert that came: `…:tlsv1 alert protocol version:FILE:LINE:SSL alert number 70`. */
const ALERT = /:(?:(?:ssl|tls)\S* )?(?:alert )?([^:]+):[^:]*:\d+:SSL alert number (\d+)/;

/** By their numbers of RFC 8446, section 6: a record was damaged on its way, the server has trouble of its own. */
const PASSING: ReadonlySet<number> = new Set([20, 80]);

const CERTIFICATE_REQUIRED = 116;

/**
 * With which alert the other side has refused to speak TLS with us, such as `protocol version (TLS alert 70)`. It would do
 * so again. Undefined where it has not, or where the alert tells of trouble that passes.
 */
export function tlsRefusal(error: unknown): string | undefined {
  const [, name, number] = ALERT.exec((error as Error).message) ?? [];
  if (number === undefined || PASSING.has(Number(number))) return undefined;
  const hint = Number(number) === CERTIFICATE_REQUIRED ? ', it wants a client certificate' : '';
  return `${name} (TLS alert ${number})${hint}`;
}
