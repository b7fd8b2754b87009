import type { PeerCertificate } from 'node:tls';

interface NetworkError extends Error {
  readonly code?: string;
  readonly syscall?: string;
  readonly address?: string;
  readonly port?: number;
  readonly cert?: PeerCertificate;
  readonly errors?: readonly NetworkError[];
}

const UNKNOWN_AUTHORITY = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
];

/** Node's errors in the words of Go's. */
export function goNetworkError(error: NetworkError, { hostname }: URL): string {
  const { code = '', address, port, syscall } = error.errors?.at(-1) ?? error;
  if (code === 'ECONNREFUSED') return `dial tcp ${address}:${port}: connect: connection refused`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `dial tcp: lookup ${hostname}: no such host`;
  // "socket hang up" is an orderly end where an answer was due; a reset is told by the system call.
  if (code === 'ECONNRESET') return syscall === 'read' ? 'read: connection reset by peer' : 'EOF';
  if (code === 'EPIPE') return 'write: broken pipe';
  const x509 = certificateProblem(error, hostname);
  return x509 === undefined ? error.message : `tls: failed to verify certificate: x509: ${x509}`;
}

function certificateProblem({ code = '', cert }: NetworkError, hostname: string): string | undefined {
  if (UNKNOWN_AUTHORITY.includes(code)) return 'certificate signed by unknown authority';
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const stale = `certificate has expired or is not yet valid: current time ${now}`;
  if (code === 'CERT_HAS_EXPIRED') return stale;
  if (code === 'CERT_NOT_YET_VALID') return stale;
  if (code !== 'ERR_TLS_CERT_ALTNAME_INVALID') return undefined;
  const isAddress = /^[\d.]+$|:/.test(hostname);
  const names = (cert?.subjectaltname ?? '')
    .split(', ')
    .filter((name) => name.startsWith(isAddress ? 'IP Address:' : 'DNS:'))
    .map((name) => name.slice(name.indexOf(':') + 1));
  if (names.length > 0) return `certificate is valid for ${names.join(', ')}, not ${hostname}`;
  return isAddress
    ? `cannot validate certificate for ${hostname} because it doesn't contain any IP SANs`
    : `certificate is not valid for any names, but wanted to match ${hostname}`;
}
