import { describe, expect, it } from '@jest/globals';
import type { ApiAnswer, ApiCall } from '../client/api-call.ts';
import { KubernetesError } from '../client/kubernetes-error.ts';
import { listObjects } from './list-objects.ts';

const SECRETS = { path: '/api/v1/secrets', expected: { namespace: '*' }, selector: {} };

/** An API server with `count` objects. Its list expires once, at the object `expiresAt`. */
function listOf(count: number, pageSize: number, expiresAt: number) {
  let hasExpired = false;
  return async ({ path }: ApiCall): Promise<ApiAnswer> => {
    const start = Number(new URLSearchParams(path.split('?')[1]).get('continue') ?? 0);
    if (start === expiresAt && !hasExpired) {
      hasExpired = true;
      return { status: 410, body: { kind: 'Status' } };
    }
    const end = Math.min(count, start + pageSize);
    const items = Array.from({ length: end - start }, (_, index) => ({
      metadata: { namespace: 'n', name: `s${start + index}`, uid: `${start + index}` },
    }));
    const metadata = end < count ? { continue: String(end) } : {};
    return { status: 200, body: { kind: 'PartialObjectMetadataList', metadata, items } };
  };
}

describe('a list that has to start again', () => {
  const names = async (mostRemembered: number) => {
    const found: string[] = [];
    let repeats = 0;
    const listing = {
      ...SECRETS,
      pageSize: 10,
      mostRemembered,
      onRepeats: () => repeats++,
    };
    for await (const { name } of listObjects(listOf(100, 10, 50), listing)) found.push(name ?? '');
    return { found, repeats };
  };

  it('gives each object once if it can remember all', async () => {
    const { found, repeats } = await names(50);
    expect(found).toHaveLength(100);
    expect(new Set(found).size).toBe(100);
    expect(repeats).toBe(0);
  });

  it('gives all objects if it cannot remember them, and reports that some may come twice', async () => {
    const { found, repeats } = await names(20);
    expect(new Set(found).size).toBe(100);
    expect(found).toHaveLength(130); // 30 of the first 50 were not remembered
    expect(repeats).toBeGreaterThan(0);
  });
});

describe('a list without an end', () => {
  const drain = async (answer: (path: string) => ApiAnswer) => {
    const asked: string[] = [];
    const call = async ({ path }: ApiCall) => {
      asked.push(path);
      return answer(path);
    };
    const names: (string | null | undefined)[] = [];
    const end = (async () => {
      for await (const { name } of listObjects(call, { ...SECRETS, pageSize: 2 })) names.push(name);
    })();
    await expect(end).rejects.toThrow(/cannot list/);
    return { asked: asked.length, names };
  };
  const page = (name: string, next: string): ApiAnswer => ({
    status: 200,
    body: {
      kind: 'PartialObjectMetadataList',
      metadata: { continue: next },
      items: [{ metadata: { namespace: 'n', name, uid: name } }],
    },
  });

  it('fails if page after page has only known objects, even with new tokens', async () => {
    let turn = 0;
    expect(await drain(() => page('a', `token-${++turn}`))).toEqual({ asked: 4, names: ['a'] });
  });

  it('fails in the same way with empty pages in between', async () => {
    let turn = 0;
    const empty = (next: string): ApiAnswer => ({
      status: 200,
      body: { kind: 'PartialObjectMetadataList', metadata: { continue: next }, items: [] },
    });
    const { asked, names } = await drain(() => {
      if (++turn > 50) throw new KubernetesError('unavailable', 'cannot list: too many pages were requested');
      return turn % 2 === 0 ? empty(`token-${turn}`) : page('a', `token-${turn}`);
    });
    expect(asked).toBe(7);
    expect(names).toEqual(['a']);
  });

  it('fails if it has to start again too often, even if it gets a little further each time', async () => {
    let turn = 0;
    const { asked } = await drain((path) => {
      const isFirst = !path.includes('continue=');
      if (!isFirst) return { status: 410, body: { kind: 'Status' } };
      turn += 1;
      const items = Array.from({ length: turn }, (_, index) => ({
        metadata: { namespace: 'n', name: `s${index}`, uid: `${index}` },
      }));
      return { status: 200, body: { kind: 'PartialObjectMetadataList', metadata: { continue: 'x' }, items } };
    });
    expect(asked).toBeLessThanOrEqual(40);
  });
});

describe('a page that is too large', () => {
  it('is requested in halves, down to a single object', async () => {
    const limits: number[] = [];
    const call = async ({ path }: ApiCall): Promise<ApiAnswer> => {
      const limit = Number(new URLSearchParams(path.split('?')[1]).get('limit'));
      limits.push(limit);
      if (limit > 2) throw new KubernetesError('too-large', 'its answer has more than 16 MiB');
      return listOf(4, limit, -1)({ method: 'GET', path, as: 'PartialObjectMetadataList' });
    };
    const names: (string | null | undefined)[] = [];
    for await (const { name } of listObjects(call, { ...SECRETS, pageSize: 10 })) names.push(name);
    expect(names).toEqual(['s0', 's1', 's2', 's3']);
    expect(limits).toEqual([10, 5, 2, 2]);
  });

  it('ends the list if it is a single object', async () => {
    const call = async () => {
      throw new KubernetesError('too-large', 'its answer has more than 16 MiB');
    };
    const list = listObjects(call, { ...SECRETS, pageSize: 4 });
    await expect(list[Symbol.asyncIterator]().next()).rejects.toThrow('16 MiB');
  });
});
