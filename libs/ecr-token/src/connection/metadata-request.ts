import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import type { Milliseconds } from '../settings/milliseconds.ts';
import { attemptTimeout } from './attempt-timeout.ts';

/** What a metadata service answered. */
export interface MetadataAnswer {
  readonly status: number;
  readonly body: string;
}

/** The largest answer in bytes. Credentials are about 2,000. */
const LARGEST = 65_536;

/**
 * Asks a metadata service. It is on this machine or near it, so no proxy is used. Redirects are not followed. An answer
 * that is too large is cut off, which makes it invalid.
 *
 * @throws what Node throws, or an error named `TimeoutError`
 */
export async function askMetadata(
  url: URL,
  headers: Readonly<Record<string, string>>,
  limit: Milliseconds,
): Promise<MetadataAnswer> {
  const isTls = url.protocol === 'https:';
  const agent = new (isTls ? TlsAgent : Agent)({ autoSelectFamilyAttemptTimeout: attemptTimeout(limit) });
  const signal = AbortSignal.timeout(limit);
  try {
    return await new Promise<MetadataAnswer>((resolve, reject) => {
      const send = isTls ? httpsRequest : httpRequest;
      const request = send(url, { headers, signal, agent }, (response) => {
        read(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
      });
      request.on('error', reject).end();
    });
  } catch (error) {
    throw signal.aborted ? signal.reason : error;
  } finally {
    agent.destroy();
  }
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    if (size > LARGEST) break; // this also ends the connection
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
