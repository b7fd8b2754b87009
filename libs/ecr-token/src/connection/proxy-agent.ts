import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { Milliseconds } from '../settings/milliseconds.ts';
import { attemptTimeout } from './attempt-timeout.ts';

/** What {@link ProxyAgent} needs to know. */
export interface ProxyAgentOptions {
  /** Root certificates in PEM that replace the usual ones, for the server behind the proxy and for an HTTPS proxy. */
  readonly ca?: string | undefined;
  /** How long the proxy may take to open a tunnel. */
  readonly timeout: Milliseconds;
}

/** The proxy failed, not AWS. The error names the proxy without its credentials and without the text of its answer. */
export class ProxyError extends Error {
  override readonly name = 'ProxyError';
  /** One of Node's codes, or `EPROXY` if the proxy answered and refused. */
  readonly code: string;
  /** Host and port. */
  readonly proxy: string;
  /** The HTTP status of the proxy's answer to CONNECT. */
  readonly status: number | undefined;

  constructor(proxy: string, code: string, status?: number) {
    super(`the proxy ${proxy} ${status === undefined ? 'failed' : `answered ${status}`} (${code})`);
    this.proxy = proxy;
    this.code = code;
    this.status = status;
  }
}

/**
 * Tunnels through a proxy. It mends four faults of `HttpsProxyAgent`: `ca` applies to the proxy only; the certificate
 * of an IP address is compared with the name of the proxy or with `localhost`; a proxy that accepts a connection and
 * then does not answer holds a socket for ever; and the refusal of a proxy is read like an answer of AWS.
 */
export class ProxyAgent extends HttpsProxyAgent<string> {
  readonly #ca: string | undefined;
  readonly #timeout: Milliseconds;
  readonly #connectOptions: ProxyAgent['connectOpts'];

  constructor(url: string, { ca, timeout }: ProxyAgentOptions) {
    super(url, { ca, autoSelectFamilyAttemptTimeout: attemptTimeout(timeout) });
    this.#ca = ca;
    this.#timeout = timeout;
    this.#connectOptions = this.connectOpts;
  }

  override async connect(
    request: ClientRequest,
    options: Parameters<HttpsProxyAgent<string>['connect']>[1],
  ): Promise<Socket> {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), this.#timeout);
    let status: number | undefined;
    request.once('proxyConnect', (answer: { statusCode: number }) => {
      status = answer.statusCode;
    });
    // `super.connect` reads this before its first await, so concurrent connections do not share it.
    this.connectOpts = Object.assign({ signal: late.signal }, this.#connectOptions);
    try {
      const socket = await super.connect(
        request,
        Object.assign({}, options, { ca: this.#ca, checkServerIdentity: identityOf(options.host ?? '') }),
      );
      if (status === 200) return socket;
      socket.destroy();
    } catch (error) {
      const { code = 'EPROXY' } = error as NodeJS.ErrnoException;
      throw new ProxyError(this.#name, late.signal.aborted ? 'ETIMEDOUT' : code, status);
    } finally {
      clearTimeout(timer);
    }
    throw new ProxyError(this.#name, 'EPROXY', status);
  }

  get #name(): string {
    return this.proxy.host;
  }
}

/** Compares a certificate with the host that was asked for. By default Node compares it with the host of the socket. */
function identityOf(host: string) {
  return (_: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate);
}
