import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get, type RequestOptions } from 'node:https';
import type { TcpNetConnectOpts } from 'node:net';
import { isMissing } from '@ecr-anywhere/kubernetes/files';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';
import { readCertificateFile } from '../certificate/certificate-file.ts';
import { INSTANCE_PATH, type InstanceInfo } from '../http/instance.ts';

/** What is heard of other replicas. */
export type PeerAnswer =
  /** Another one holds a token. */
  | 'holds'
  /** Nobody is there but this one, or others that hold none. */
  | 'none'
  /** Somebody is there, but too slow, or not to be trusted or understood. */
  | 'unclear';

/** How another replica is asked. */
export interface PeerOptions {
  /** The Service of all replicas. */
  readonly url: URL;
  /** This replica's own name. */
  readonly instance: string;
  /** Files of certificates to trust: the CA's and the replicas' own. The first that can be read counts. */
  readonly caFiles: readonly string[];
  /** Told of a file that is there and cannot be read: once, until it is another problem or none. */
  onIgnored(problem: string): void;
  readonly clock: () => number;
  /** For the whole question; a second by default. */
  readonly patience?: Milliseconds;
}

const PATIENCE: Milliseconds = 1_000;
const KEPT: Milliseconds = 1_000;
const LARGEST = 1_000;

/** The Service sends a connection to whichever replica it likes, the one that asks and one that hangs included. */
const CONNECTIONS = 6;

/** That nobody is there: no endpoint, no address, or no way to it. */
const ABSENT: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Whoever answered is this replica, or has no token. */
class NoToken extends Error {}

/** Nobody was reached. */
class Nobody extends Error {}

/** Asks through the Service whether another replica holds a token, over several connections at once. Kept for a second. */
export function peerQuestion(options: PeerOptions): () => Promise<PeerAnswer> {
  const { clock } = options;
  const certificates = firstReadable(options);
  let last: { at: number; answer: Promise<PeerAnswer> } | undefined;
  return () => {
    const now = clock();
    if (last === undefined || Math.abs(now - last.at) > KEPT)
      last = { at: now, answer: ask(options, certificates()) };
    return last.answer;
  };
}

async function ask(
  { url, instance, patience = PATIENCE }: PeerOptions,
  ca: string | undefined,
): Promise<PeerAnswer> {
  const controller = new AbortController();
  const late = setTimeout(() => controller.abort(), patience);
  const other = async () => {
    const peer = await askInstance(new URL(INSTANCE_PATH, url), {
      ca,
      signal: controller.signal,
      // For each address of a name but the last: Node's own 250 ms are less than a packet that is lost and sent again takes.
      autoSelectFamilyAttemptTimeout: patience / 2,
    });
    if (peer.instance === instance || peer.token === false) throw new NoToken();
    if (peer.token !== true) throw new Error('no answer of a replica');
  };
  try {
    await Promise.any(Array.from({ length: CONNECTIONS }, other));
    return 'holds';
  } catch (error) {
    const { errors } = error as AggregateError;
    return errors.every((one) => one instanceof NoToken || one instanceof Nobody) ? 'none' : 'unclear';
  } finally {
    clearTimeout(late);
    controller.abort(); // the rest of the connections
  }
}

/** Reads the first file that can be read and holds anything. That one is missing is nothing to tell: there may be no CA. */
function firstReadable({ caFiles, onIgnored }: PeerOptions): () => string | undefined {
  const told = new Map<string, string>();
  const read = (file: string): string => {
    try {
      const text = readCertificateFile(file);
      told.delete(file);
      return text;
    } catch (error) {
      const { message, cause } = error as Error;
      if (!isMissing(cause) && told.get(file) !== message) onIgnored(message);
      told.set(file, message);
      return '';
    }
  };
  return () => {
    for (const file of caFiles) {
      const text = read(file);
      if (text !== '') return text;
    }
    return undefined;
  };
}

type AskOptions = RequestOptions & Pick<TcpNetConnectOpts, 'autoSelectFamilyAttemptTimeout'>;

async function askInstance(url: URL, options: AskOptions): Promise<InstanceInfo> {
  const response = await responseOf(url, options);
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > LARGEST) throw new Error('more than a replica has to say');
  }
  return JSON.parse(text) as InstanceInfo;
}

async function responseOf(url: URL, options: AskOptions): Promise<IncomingMessage> {
  // No agent: each question is a new connection, so that the Service may choose another replica.
  const request = get(url, { ...options, agent: false, allowPartialTrustChain: true });
  request.on('error', () => undefined); // once() hears of it as long as anybody waits
  let isSecure = false;
  request.on('socket', (socket) => socket.once('secureConnect', () => (isSecure = true)));
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Cut before a handshake: by a proxy without an endpoint.
    if (ABSENT.has(code) || (code === 'ECONNRESET' && !isSecure)) throw new Nobody();
    throw error;
  }
}
