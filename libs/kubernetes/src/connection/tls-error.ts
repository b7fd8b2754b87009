/** Whether the certificate was not trusted, the server refused the handshake, or the server does not speak TLS. */
export function isTlsError(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return (
    /^(UNABLE_TO_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_)/.test(code) ||
    isNotTls(error) ||
    tlsRefusal(error) !== undefined
  );
}

/** Whether the server speaks plain HTTP. The texts are OpenSSL's. */
export function isNotTls(error: unknown): boolean {
  return /wrong version number|packet length too long/.test((error as Error).message);
}

/** How OpenSSL reports an alert from the other side: `…:tlsv1 alert protocol version:FILE:LINE:SSL alert number 70`. */
const ALERT = /:(?:(?:ssl|tls)\S* )?(?:alert )?([^:]+):[^:]*:\d+:SSL alert number (\d+)/;

/** Alerts after which another attempt may succeed (RFC 8446, section 6): bad_record_mac, internal_error. */
const TEMPORARY: ReadonlySet<number> = new Set([20, 80]);

const CERTIFICATE_REQUIRED = 116;

/**
 * The alert with which the other side refused the handshake, such as `protocol version (TLS alert 70)`. It would refuse
 * again. Undefined if there is no alert, or a temporary one.
 */
export function tlsRefusal(error: unknown): string | undefined {
  const [, name, number] = ALERT.exec((error as Error).message) ?? [];
  if (number === undefined || TEMPORARY.has(Number(number))) return undefined;
  const hint = Number(number) === CERTIFICATE_REQUIRED ? ', it requires a client certificate' : '';
  return `${name} (TLS alert ${number})${hint}`;
}
