import type { KubernetesObject } from '@ecr-anywhere/local-installation';
import type { Testbed } from './testbed.ts';

export const PREFIX = 'ecr-anywhere.centml.ai';
/** The label of the bench's namespaces. It chooses the webhook for their Secrets. */
export const SERVED_BY = 'bench/served-by';

export type Server = 'ecr-anywhere' | 'bare' | 'none';

const LANES = 20;

/** Managed Secrets in twenty separate namespaces. */
export interface Secrets {
  readonly count: number;
  /** Adds empty Secrets. No webhook is called. */
  growTo(count: number): Promise<void>;
  /** From now on, the API server calls only this webhook. */
  serveBy(server: string): Promise<void>;
  /** One of these Secrets. */
  sample(): Promise<KubernetesObject>;
  /** The times of the first and the last mark, in milliseconds. */
  marked(): Promise<{ readonly first: number; readonly last: number }>;
}

export async function managedSecrets({ api }: Pick<Testbed, 'api'>, prefix = 'team'): Promise<Secrets> {
  const namespaces = Array.from({ length: 20 }, (_, index) => `${prefix}-${index}`);
  let count = 0;
  const labelled = (server: string) => ({ [`${PREFIX}/namespace`]: 'enabled', [SERVED_BY]: server });
  const serveBy = async (server: string) => {
    for (const name of namespaces)
      await succeed(
        api.patch(`/api/v1/namespaces/${name}`, { metadata: { labels: { [SERVED_BY]: server } } }),
      );
    await new Promise((resolve) => setTimeout(resolve, 1_000)); // the API server needs a moment to notice
  };
  for (const name of namespaces)
    await succeed(api.create('/api/v1/namespaces', { metadata: { name, labels: labelled('none') } }));
  return {
    get count() {
      return count;
    },
    serveBy,
    async growTo(size) {
      await serveBy('none');
      const lane = async () => {
        while (count < size) {
          const index = count++;
          await succeed(
            api.create(`/api/v1/namespaces/${namespaces[index % namespaces.length]}/secrets`, empty(index)),
          );
        }
      };
      await Promise.all(Array.from({ length: LANES }, lane));
    },
    sample: async () => (await succeed(api.get(`/api/v1/namespaces/${namespaces[0]}/secrets/pull-0`))).body,
    async marked() {
      let first = Infinity;
      let last = -Infinity;
      for (const name of namespaces) {
        const { body } = await succeed(api.get(`/api/v1/namespaces/${name}/secrets`));
        for (const { metadata } of body['items'] as KubernetesObject[]) {
          const mark = Date.parse(metadata?.annotations?.[`${PREFIX}/marked_for_update_at`] ?? '');
          first = Math.min(first, mark);
          last = Math.max(last, mark);
        }
      }
      return { first, last };
    },
  };
}

function empty(index: number): KubernetesObject {
  return {
    metadata: { name: `pull-${index}`, labels: { [`${PREFIX}/managed`]: 'true' } },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from('{}').toString('base64') },
  };
}

async function succeed<T extends { status: number; body: KubernetesObject }>(answer: Promise<T>): Promise<T> {
  const { status, body } = await answer;
  if (status >= 300) throw new Error(`The API server answered ${status}: ${body.message}`);
  return answer;
}
