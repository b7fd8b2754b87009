import { request as httpRequest, type Agent, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createAgent, type AgentOptions } from '../connection/agent.ts';
import { proxyAuthorization, proxyRefusal } from '../connection/http-proxy.ts';
import { tlsOptions } from '../connection/tls-options.ts';
import { isSocks } from '../connection/tunnel.ts';
import { staticCredentials, type Credentials, type RequestCredentials } from '../credentials/credentials.ts';
import { impersonationHeaders } from '../credentials/impersonation.ts';
import { pluginCredentials } from '../credentials/plugin-credentials.ts';
import { keepLast } from '../files/keep-last.ts';
import type { Access } from '../kubeconfig/access.ts';
import { readSource } from '../kubeconfig/source.ts';
import type { ApiCall } from './api-call.ts';

/** Any answer to a request, not yet checked. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What a request is sent with. */
export interface Prepared {
  readonly credentials: RequestCredentials;
  readonly agent: Agent;
}

/** Sends requests to one API server with one identity. */
export interface Sender {
  /**
   * Gets the credentials. This may take time, because a plugin may have to run.
   *
   * @throws AccessError
   */
  prepare(): Promise<Prepared>;
  /** @throws the error of the connection; the reason of `signal` */
  send(call: ApiCall, prepared: Prepared, signal: AbortSignal): Promise<RawAnswer>;
  /**
   * The API server answered 401 to these credentials.
   *
   * @returns whether the next ones may be different
   */
  reject(credentials: RequestCredentials): boolean;
  /** The error if an answer that is not from the API server may come from a proxy; undefined if there is no proxy. */
  errorOfProxy(status: number): Error | undefined;
}

/** How requests are sent. */
export interface SenderOptions extends AgentOptions {
  readonly access: Access;
  /** The name of the program in the API server's audit log. */
  readonly userAgent: string;
  /** Whether a plugin may ask the user. */
  readonly isTerminal: boolean;
  /** Most bytes of one answer. Default: {@link MOST_BYTES}. */
  readonly mostBytes?: number | undefined;
}

/** Of one answer. A page of 500 Secrets has about 1 MiB. While it is parsed, it may need three times as much memory. */
export const MOST_BYTES = 16 * 1_024 * 1_024;

/** An answer is larger than this program accepts. */
export class AnswerTooLarge extends Error {
  constructor(mostBytes: number) {
    super(`its answer has more than ${mostBytes / 1_024 / 1_024} MiB`);
  }
}

export function createSender(options: SenderOptions): Sender {
  const { access, userAgent, mostBytes = MOST_BYTES } = options;
  const { server, proxy, identity } = access;
  const source = credentialsOf(options);
  const agentFor = agentCache(access, options);
  const isTls = server.protocol === 'https:';
  // An HTTP proxy gets plain HTTP requests with their whole URL.
  const forwarder = !isTls && proxy !== undefined && !isSocks(proxy) ? proxy : undefined;
  const root = server.href.replace(/\/$/, '');
  return {
    async prepare() {
      const credentials = await source.get();
      return { credentials, agent: agentFor(credentials.certificate) };
    },
    reject: (credentials) => source.reject(credentials),
    errorOfProxy: (status) => forwarder && proxyRefusal(forwarder, status),
    send({ method, path, as, content }, { credentials, agent }, signal) {
      const url = new URL(root + path);
      // A name such as ".." would change the path.
      if (!url.href.endsWith(path))
        return Promise.reject(new Error(`"${path}" is not a path of the API server`));
      // Bytes: Node would encode the headers like a text body.
      const body = content === undefined ? undefined : Buffer.from(JSON.stringify(content));
      const { authorization } = credentials;
      const headers = {
        ...(authorization !== undefined && { authorization }),
        ...(identity.impersonation && impersonationHeaders(identity.impersonation)),
        ...(forwarder && proxyAuthorization(forwarder.url)),
        accept: as === 'object' ? 'application/json' : `application/json;as=${as};g=meta.k8s.io;v=v1`,
        'user-agent': userAgent,
        ...(body !== undefined && {
          'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
          'content-length': String(body.length),
        }),
      };
      const target = forwarder ? { path: url.href } : {};
      return new Promise<RawAnswer>((resolve, reject) => {
        const request = isTls ? httpsRequest : httpRequest;
        const outgoing = request(url, { ...target, agent, method, headers, signal }, (response) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes <= mostBytes) return void chunks.push(chunk);
            response.destroy();
            reject(new AnswerTooLarge(mostBytes));
          });
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString(),
            }),
          );
        });
        outgoing.on('error', (error) => reject(signal.aborted ? (signal.reason as Error) : error));
        outgoing.end(body);
      });
    },
  };
}

function credentialsOf({ access, isTerminal, signal }: SenderOptions): Credentials {
  const { plugin } = access.identity;
  return plugin ? pluginCredentials(plugin, { isTerminal, signal }) : staticCredentials(access.identity);
}

type Certificate = RequestCredentials['certificate'];

/** Creates a new agent, with new connections, only if the CA or the client certificate has changed. */
function agentCache(access: Access, options: AgentOptions): (certificate: Certificate) => Agent {
  const { server, trust, proxy } = access;
  const speaksTls = [server, proxy?.url].some((url) => url?.protocol === 'https:');
  let certificate: Certificate;
  let cached: { readonly key: string; readonly agent: Agent } | undefined;
  const currentAgent = keepLast(() => {
    const ca = speaksTls && trust.ca ? readSource(trust.ca) : undefined;
    const key = [ca, certificate?.cert.pem, certificate?.key.pem].join();
    if (cached?.key === key) return cached.agent;
    const tls = speaksTls ? tlsOptions(trust, ca, certificate) : {};
    cached = { key, agent: createAgent(access, tls, options) };
    return cached.agent;
  });
  return (current) => {
    certificate = current;
    return currentAgent();
  };
}
