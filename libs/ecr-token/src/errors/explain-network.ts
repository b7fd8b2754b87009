import type { ErrorFacts } from './facts.ts';
import type { Explanation } from './service.ts';

/** OpenSSL's codes for a certificate whose authority is not trusted. */
const UNTRUSTED =
  /^(?:UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE|INVALID_CA)/;
const OTHER_NAME = /^(?:ERR_TLS_CERT_ALTNAME|HOSTNAME_MISMATCH)/;
/** Every other failure of TLS: the first code is Node 20's, the others are those of newer versions. */
const NOT_TLS = /^(?:EPROTO$|ERR_SSL_)/;
const OUT_OF_DATE = /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)/;

/** Why `party` could not be reached, by Node's code. */
export function explainUnreachable(code: string, party: string): Explanation {
  if (OTHER_NAME.test(code)) {
    return {
      message: `${party} shows a certificate for another name (${code})`,
      remedy: 'check the configured address and DNS: another server answers there',
      transient: false,
    };
  }
  if (OUT_OF_DATE.test(code)) {
    return {
      message: `${party} shows a certificate that is not valid at the time of this machine's clock (${code})`,
      remedy: 'check the clock; if it is right, the server needs a new certificate',
      transient: false,
    };
  }
  if (UNTRUSTED.test(code)) {
    return {
      message: `${party} shows a certificate of an authority that is not trusted (${code})`,
      remedy:
        'put the certificate of that authority into AWS_CA_BUNDLE; a proxy that opens TLS has one of its own',
      transient: false,
    };
  }
  if (NOT_TLS.test(code)) {
    return {
      message: `${party} was reached, but the TLS handshake failed (${code})`,
      remedy:
        'check the configured address, its port and https://; the server may not speak TLS, may use a version that is not accepted, or may require a client certificate',
      transient: false,
    };
  }
  return {
    message: `${party} could not be reached${code === '' ? '' : ` (${code})`}`,
    remedy: 'check the network, HTTPS_PROXY and NO_PROXY',
  };
}

/** Why `party` could not be reached through a proxy. */
export function explainProxy({ code, proxy, proxyStatus }: ErrorFacts, party: string): Explanation {
  const name = `The proxy ${proxy}`;
  if (proxyStatus === undefined) {
    const { message, remedy, transient } = explainUnreachable(code, name);
    return {
      message: code === 'EPROXY' ? `${name} ended the connection without an answer` : message,
      remedy: transient === false ? remedy : 'check HTTPS_PROXY, and that the proxy runs',
      transient,
    };
  }
  if (proxyStatus === 407) {
    return {
      message: `${name} asks for a user name and a password, or does not accept those that it got (HTTP 407)`,
      remedy: 'write them into HTTPS_PROXY, as in http://user:password@proxy.example.com:3128',
      transient: false,
    };
  }
  if (proxyStatus >= 500 || proxyStatus === 429) {
    return {
      message: `${name} could not connect to ${party} (HTTP ${proxyStatus})`,
      remedy: 'check HTTPS_PROXY, and that the proxy can reach it; try again later',
    };
  }
  return {
    message: `${name} refuses to connect to ${party} (HTTP ${proxyStatus})`,
    remedy:
      'check HTTPS_PROXY, and allow the host at the proxy, or name it in NO_PROXY if it can be reached directly',
    transient: false,
  };
}
