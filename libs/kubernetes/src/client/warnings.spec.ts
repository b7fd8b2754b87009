import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startFakeApiServer, type FakeApiServer } from '../testing/fake-api-server.ts';
import type { ApiCall } from './api-call.ts';

describe('the warnings of an answer', () => {
  let server: FakeApiServer;
  beforeEach(async () => {
    server = await startFakeApiServer();
  });
  afterEach(() => server.stop());

  const MARK: ApiCall = { method: 'PATCH', path: '/x', as: 'PartialObjectMetadata', content: {} };
  const warningsOf = async (warning: string[]) => {
    server.replies = [
      { headers: { warning }, body: { kind: 'PartialObjectMetadata', metadata: { name: 'x' } } },
    ];
    return (await server.call(MARK)).warnings;
  };

  it('are all that came, each as it was written', async () => {
    expect(await warningsOf([])).toEqual([]);
    expect(await warningsOf(['299 - "one, \\"two\\" \\\\"', '299 - "three"'])).toEqual([
      'one, "two" \\',
      'three',
    ]);
  });

  it('are told in one line, and cut where they are long', async () => {
    const told = await warningsOf(['299 - "a\tb"', `299 - "${'x'.repeat(9_000)}"`]);
    const [first, second = ''] = told ?? [];
    expect(first).toBe('a b');
    expect(Buffer.byteLength(second)).toBeLessThanOrEqual(1_000);
  });

  it('are none where a header is no warning', async () => {
    expect(await warningsOf(['nonsense', '299 - "cut'])).toEqual([]);
  });
});
