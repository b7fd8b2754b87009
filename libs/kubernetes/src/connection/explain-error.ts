import type { Access } from '../kubeconfig/access.ts';
import { AccessError } from '../kubeconfig/access-error.ts';
import { ProxyError } from './proxy-error.ts';
import { isNotTls, isTlsError, tlsRefusal } from './tls-error.ts';

/** Why a request did not reach the API server. */
export interface Explanation {
  readonly reason: string;
  /** Whether another attempt would fail in the same way. */
  readonly isPermanent: boolean;
}

/** Explains a connection error, and names the field of the kubeconfig that has to be corrected. */
export function explainError(error: unknown, access: Access): Explanation {
  if (error instanceof AccessError) return { reason: error.message, isPermanent: true };
  if (error instanceof ProxyError) return { reason: error.message, isPermanent: error.isPermanent };
  const { code, name } = error as NodeJS.ErrnoException;
  const cause = code ?? name;
  if (isTlsError(error)) return { reason: explainTls(error as Error, cause, access), isPermanent: true };
  return { reason: `${cause} (${access.server.origin})`, isPermanent: false };
}

function explainTls(error: Error, code: string, { server: { origin }, trust }: Access): string {
  const { ca, serverName, where } = trust;
  if (isNotTls(error)) return `${where}: server: ${origin} does not speak TLS (${code})`;
  const refusal = tlsRefusal(error);
  if (refusal !== undefined) return `${where}: server: ${origin} refuses the TLS handshake: ${refusal}`;
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return `the certificate of ${origin} has expired or is not valid yet, or the clock of this machine is wrong (${code})`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { cert } = error as { cert?: { subjectaltname?: string } };
    const names = cert?.subjectaltname ?? 'none';
    return serverName === undefined
      ? `${where}: server: the certificate of ${origin} is for other names: ${names}`
      : `${where}: tls-server-name: the certificate of ${origin} is not for ${serverName}: ${names}`;
  }
  if (ca !== undefined) return `${ca.field}: the certificate of ${origin} is from another CA (${code})`;
  return `${where}: certificate-authority: it is not set, and Node does not trust the certificate of ${origin} (${code}); set it to the CA of the server, or set NODE_EXTRA_CA_CERTS`;
}
