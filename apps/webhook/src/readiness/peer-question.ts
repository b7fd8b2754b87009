import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get, type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Milliseconds } from '@ecr-anywhere/settings';
import { INSTANCE_PATH, type InstanceInfo } from '../http/instance.ts';

/** What the other replicas answer. */
export type PeerAnswer =
  /** Another replica holds a token. */
  | 'holds'
  /** There is no other replica, or none that holds a token. */
  | 'none'
  /** A replica does not answer in time, or cannot be trusted or understood. */
  | 'unclear';

/** How the other replicas are asked. */
export interface PeerOptions {
  /** The Service of all replicas. A headless Service has an address for each replica that is ready. */
  readonly url: URL;
  /** The name in the replicas' certificates; the host of `url` by default. */
  readonly serverName?: string | undefined;
  /** This replica's own name. */
  readonly instance: string;
  /** The certificates to trust, as PEM. */
  readonly trusted: () => string | undefined;
  readonly clock: () => Milliseconds;
  /** For the whole question; a second by default. */
  readonly patience?: Milliseconds;
  /** Resolves a host name to all its addresses; as the operating system does it by default. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

const PATIENCE: Milliseconds = 1_000;

/** How long an answer is reused. */
const REUSE: Milliseconds = 1_000;

/** All replicas that are ready can be expected to hold a token, so that a few of them are enough. */
const MAX_ADDRESSES = 8;

const MAX_ANSWER_LENGTH = 1_000;

/** Nobody listens at an address, or there is no way to it. */
const ABSENT: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH']);

/**
 * Asks every other replica whether it holds a token: one question to each address of the Service, all at the same time.
 * An answer is reused for a second.
 */
export function peerQuestion(options: PeerOptions): () => Promise<PeerAnswer> {
  const { clock } = options;
  let last: { at: Milliseconds; answer: Promise<PeerAnswer> } | undefined;
  return () => {
    const now = clock();
    if (last === undefined || Math.abs(now - last.at) > REUSE) last = { at: now, answer: askAll(options) };
    return last.answer;
  };
}

async function askAll(options: PeerOptions): Promise<PeerAnswer> {
  const { url, resolve = resolveAll, patience = PATIENCE } = options;
  const signal = AbortSignal.timeout(patience);
  let addresses: readonly string[];
  try {
    addresses = await Promise.race([resolve(hostOf(url)), rejection(signal)]);
  } catch (error) {
    // While no replica is ready, a headless Service has no address. Other errors say nothing about replicas.
    return (error as NodeJS.ErrnoException).code === 'ENOTFOUND' ? 'none' : 'unclear';
  }
  const answers = await Promise.all(
    addresses.slice(0, MAX_ADDRESSES).map((address) => ask(address, options, signal)),
  );
  if (answers.includes('holds')) return 'holds';
  return answers.includes('unclear') ? 'unclear' : 'none';
}

async function ask(
  address: string,
  { url, serverName = hostOf(url), instance, trusted }: PeerOptions,
  signal: AbortSignal,
): Promise<PeerAnswer> {
  try {
    const peer = await askInstance({
      host: address,
      port: url.port || 443,
      path: INSTANCE_PATH,
      headers: { host: url.host },
      // TLS has no server name for an address. Its certificate is then checked for the address.
      ...(isIP(serverName) === 0 && { servername: serverName }),
      ca: trusted(),
      allowPartialTrustChain: true,
      agent: false,
      signal,
    });
    if (peer.instance === instance || peer.token === false) return 'none';
    return peer.token === true ? 'holds' : 'unclear';
  } catch (error) {
    return error instanceof NobodyThere ? 'none' : 'unclear';
  }
}

class NobodyThere extends Error {}

async function askInstance(options: RequestOptions): Promise<InstanceInfo> {
  const response = await responseTo(options);
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_ANSWER_LENGTH) throw new Error('the answer is longer than any of a replica');
  }
  return JSON.parse(text) as InstanceInfo;
}

async function responseTo(options: RequestOptions): Promise<IncomingMessage> {
  const request = get(options);
  request.on('error', () => undefined); // once() below reports errors only until the response
  let isSecure = false;
  request.on('socket', (socket) => socket.once('secureConnect', () => (isSecure = true)));
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A proxy without an endpoint closes the connection before the handshake.
    if (ABSENT.has(code) || (code === 'ECONNRESET' && !isSecure)) throw new NobodyThere();
    throw error;
  }
}

async function resolveAll(host: string): Promise<readonly string[]> {
  const addresses = await lookup(host, { all: true });
  return addresses.map(({ address }) => address);
}

/** Without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

async function rejection(signal: AbortSignal): Promise<never> {
  await once(signal, 'abort');
  throw signal.reason;
}
