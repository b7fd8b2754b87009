import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';

/** What replicas tell each other. Nothing secret. */
export interface InstanceInfo {
  readonly instance: string;
  readonly token: boolean;
}

/** Where replicas answer each other, on the webhook's own port. */
export const INSTANCE_PATH = '/instance';

/** How another replica is asked. */
export interface PeerOptions {
  /** The Service of all replicas. */
  readonly url: URL;
  /** This replica's own name. */
  readonly instance: string;
  /** Files of certificates to trust: the CA's and the replicas' own. The first that exists counts. */
  readonly caFiles: readonly string[];
  readonly clock: () => number;
  /** For the whole question; a second by default. */
  readonly patience?: Milliseconds;
}

const PATIENCE: Milliseconds = 1_000;
const KEPT: Milliseconds = 1_000;
const LARGEST = 1_000;

/** The Service sends a connection to whichever replica it likes, the one that asks and one that hangs included. */
const CONNECTIONS = 6;

/**
 * Asks through the Service whether another replica holds a token, over several connections at once. What is no answer, of
 * one that can be trusted, is as good as nobody. The answer is kept for a second.
 */
export function peerQuestion(options: PeerOptions): () => Promise<boolean> {
  const { clock } = options;
  let last: { at: number; answer: Promise<boolean> } | undefined;
  return () => {
    const now = clock();
    if (last === undefined || Math.abs(now - last.at) > KEPT) last = { at: now, answer: ask(options) };
    return last.answer;
  };
}

async function ask({ url, instance, caFiles, patience = PATIENCE }: PeerOptions): Promise<boolean> {
  const controller = new AbortController();
  const late = setTimeout(() => controller.abort(), patience);
  const ca = await firstFile(caFiles);
  const other = async () => {
    const peer = await askInstance(new URL(INSTANCE_PATH, url), ca, controller.signal);
    if (peer.token !== true || peer.instance === instance) throw new Error('not another one with a token');
  };
  try {
    await Promise.any(Array.from({ length: CONNECTIONS }, other));
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(late);
    controller.abort(); // the rest of the connections
  }
}

async function firstFile(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return text;
  }
  return undefined;
}

async function askInstance(url: URL, ca: string | undefined, signal: AbortSignal): Promise<InstanceInfo> {
  // No agent: each question is a new connection, so that the Service may choose another replica.
  const request = get(url, { ca, signal, agent: false, allowPartialTrustChain: true });
  request.on('error', () => undefined); // once() hears of it as long as anybody waits
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > LARGEST) throw new Error('more than a replica has to say');
  }
  return JSON.parse(text) as InstanceInfo;
}
