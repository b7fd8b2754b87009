import { readFile } from 'node:fs/promises';
import { get } from 'node:https';
import type { Milliseconds } from '@ecr-anywhere/secret-scan';

/** What readiness is judged by. */
export interface ReadinessState {
  readonly isDraining: boolean;
  readonly hasCertificate: boolean;
  /** Whether there ever was a token; an outage afterwards makes nobody unready. */
  readonly hadToken: boolean;
}

/** Why a replica takes no requests; undefined where it does. */
export type Unready = string | undefined;

/**
 * Two promises pull in different directions. A rollout with wrong AWS settings must not replace replicas that work: so a
 * replica without a first token is unready while another one that holds a token answers. A first installation with
 * wrong settings must refuse with the reason, not with "no endpoints available": so otherwise it is ready.
 */
export async function readiness(
  state: ReadinessState,
  peerHasToken: () => Promise<boolean>,
): Promise<Unready> {
  if (state.isDraining) return 'shutting down';
  if (!state.hasCertificate) return 'no certificate yet';
  if (!state.hadToken && (await peerHasToken())) return 'no token yet, while another replica holds one';
  return undefined;
}

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
}

const PATIENCE: Milliseconds = 1_000;
const KEPT: Milliseconds = 1_000;

/** Asks through the Service whether another replica holds a token. The answer is kept for a second. */
export function peerQuestion({ url, instance, caFiles, clock }: PeerOptions): () => Promise<boolean> {
  let last: { at: number; answer: Promise<boolean> } | undefined;
  const ask = async () => {
    try {
      const peer = await askInstance(new URL(INSTANCE_PATH, url), await firstFile(caFiles));
      return peer.token && peer.instance !== instance;
    } catch {
      return false; // nobody answers, or nobody that can be trusted
    }
  };
  return () => {
    const now = clock();
    if (last === undefined || Math.abs(now - last.at) > KEPT) last = { at: now, answer: ask() };
    return last.answer;
  };
}

async function firstFile(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch(() => '');
    if (text !== '') return text;
  }
  return undefined;
}

function askInstance(url: URL, ca: string | undefined): Promise<InstanceInfo> {
  return new Promise((resolve, reject) => {
    // No agent: each question is a new connection, so that the Service may choose another replica.
    const request = get(
      url,
      { ca, agent: false, timeout: PATIENCE, allowPartialTrustChain: true },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk.slice(0, 1_000)));
        response.on('end', () => {
          try {
            resolve(JSON.parse(text) as InstanceInfo);
          } catch (error) {
            reject(error instanceof Error ? error : new Error('not JSON'));
          }
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', reject);
  });
}
