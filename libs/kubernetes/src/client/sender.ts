import { request as httpRequest, type Agent, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { agentFor, type AgentOptions } from '../connection/agent.ts';
import { tlsOptions } from '../connection/tls-options.ts';
import { isSocks } from '../connection/tunnel.ts';
import { proxyAuthorization, refusal } from '../connection/http-proxy.ts';
import { givenCredentials, type Credentials, type Shown } from '../credentials/credentials.ts';
import { impersonationHeaders } from '../credentials/impersonation.ts';
import { pluginCredentials } from '../credentials/plugin-credentials.ts';
import type { Access } from '../kubeconfig/access.ts';
import { lastRead } from '../files/last-read.ts';
import { readSource } from '../kubeconfig/source.ts';
import type { ApiCall } from './api-call.ts';

/** What came back: whatever it is. */
export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What a request goes out with. */
export interface Ready {
  readonly shown: Shown;
  readonly agent: Agent;
}

/** Sends requests to one API server, as one identity. */
export interface Sender {
  /**
   * Gets credentials, which may take a plugin its time.
   *
   * @throws AccessError
   */
  prepare(): Promise<Ready>;
  /** @throws whatever stands between; `signal`'s reason */
  send(call: ApiCall, ready: Ready, signal: AbortSignal): Promise<Received>;
  /** Told of a 401. Says whether there may be other credentials now. */
  refused(shown: Shown): boolean;
  /** Why an answer that is not the API server's came: a proxy has answered in its place. Undefined where there is none. */
  answeredByProxy(status: number): Error | undefined;
}

/** How requests are sent. */
export interface SenderOptions extends AgentOptions {
  readonly access: Access;
  /** Who asks, as the API server's audit log tells it. */
  readonly userAgent: string;
  /** Whether a plugin may ask somebody. */
  readonly isTerminal: boolean;
}

/** Of one answer: a page of 500 Secrets has about 1 MiB. It may become three times as much while it is parsed. */
export const MOST_BYTES = 16 * 1_024 * 1_024;

/** An answer is larger than this program can hold. */
export class AnswerTooLarge extends Error {
  constructor() {
    super(`its answer has more than ${MOST_BYTES / 1_024 / 1_024} MiB`);
  }
}

export function sender(options: SenderOptions): Sender {
  const { access, userAgent } = options;
  const { server, proxy, identity } = access;
  const credentials = credentialsOf(options);
  const agent = keptAgent(access, options);
  const isTls = server.protocol === 'https:';
  // Plain HTTP goes to a proxy with its whole URL.
  const forwards = !isTls && proxy !== undefined && !isSocks(proxy) ? proxy : undefined;
  const root = server.href.replace(/\/$/, '');
  return {
    async prepare() {
      const shown = await credentials.current();
      return { shown, agent: agent(shown.certificate) };
    },
    refused: (shown) => credentials.refused(shown),
    answeredByProxy: (status) => forwards && refusal(forwards, status),
    send({ method, path, as, content }, { shown, agent }, signal) {
      const url = new URL(root + path);
      // A name such as ".." would make it the URL of something else.
      if (!url.href.endsWith(path))
        return Promise.reject(new Error(`"${path}" is no path of the API server`));
      // Bytes: Node would write headers in the encoding of a text.
      const body = content === undefined ? undefined : Buffer.from(JSON.stringify(content));
      const headers = {
        ...(shown.authorization !== undefined && { authorization: shown.authorization }),
        ...(identity.impersonation && impersonationHeaders(identity.impersonation)),
        ...(forwards && proxyAuthorization(forwards.url)),
        accept: `application/json;as=${as};g=meta.k8s.io;v=v1`,
        'user-agent': userAgent,
        ...(body !== undefined && {
          'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
          'content-length': String(body.length),
        }),
      };
      const where = forwards ? { path: url.href } : {};
      return new Promise<Received>((resolve, reject) => {
        const request = isTls ? httpsRequest : httpRequest;
        const outgoing = request(url, { ...where, agent, method, headers, signal }, (response) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes <= MOST_BYTES) return void chunks.push(chunk);
            response.destroy();
            reject(new AnswerTooLarge());
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
  return plugin ? pluginCredentials(plugin, { isTerminal, signal }) : givenCredentials(access.identity);
}

/** Makes a new agent, with connections of its own, only where a certificate has changed. */
function keptAgent(access: Access, options: AgentOptions): (certificate: Shown['certificate']) => Agent {
  const { server, trust, proxy } = access;
  const speaksTls = [server, proxy?.url].some((url) => url?.protocol === 'https:');
  let certificate: Shown['certificate'];
  let kept: { readonly of: string; readonly agent: Agent } | undefined;
  const current = lastRead(() => {
    const ca = speaksTls && trust.ca ? readSource(trust.ca) : undefined;
    const of = [ca, certificate?.cert.pem, certificate?.key.pem].join();
    if (kept?.of === of) return kept.agent;
    const tls = speaksTls ? tlsOptions(trust, ca, certificate) : {};
    kept = { of, agent: agentFor(access, tls, options) };
    return kept.agent;
  });
  return (shown) => {
    certificate = shown;
    return current();
  };
}
