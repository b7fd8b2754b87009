import { describe, expect, it } from '@jest/globals';
import type { ApiAnswer, ApiCall } from '../client/api-call.ts';
import { listed } from './listing.ts';

/** An API server with so many objects, whose list expires once, at that page. */
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
      metadata: { name: `s${start + index}`, uid: `${start + index}` },
    }));
    const metadata = end < count ? { continue: String(end) } : {};
    return { status: 200, body: { kind: 'PartialObjectMetadataList', metadata, items } };
  };
}

describe('a list that begins anew', () => {
  const names = async (mostRemembered: number) => {
    const found: string[] = [];
    let repeats = 0;
    const listing = {
      path: '/api/v1/secrets',
      selector: {},
      pageSize: 10,
      mostRemembered,
      onRepeats: () => repeats++,
    };
    for await (const { name } of listed(listOf(100, 10, 50), listing)) found.push(name ?? '');
    return { found, repeats };
  };

  it('gives each object once, as long as it can remember all', async () => {
    const { found, repeats } = await names(50);
    expect(found).toHaveLength(100);
    expect(new Set(found).size).toBe(100);
    expect(repeats).toBe(0);
  });

  it('gives none less where it cannot, and says that some may come again', async () => {
    const { found, repeats } = await names(20);
    expect(new Set(found).size).toBe(100);
    expect(found).toHaveLength(130); // 30 of the 50 that were seen before were not remembered
    expect(repeats).toBeGreaterThan(0);
  });
});
