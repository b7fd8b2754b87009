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

  it('are read from all headers, without their quoting', async () => {
    expect(await warningsOf([])).toEqual([]);
    expect(await warningsOf(['299 - "one, \\"two\\" \\\\"', '299 - "three"'])).toEqual([
      'one, "two" \\',
      'three',
    ]);
  });

  it('are one line each, and are cut if they are long', async () => {
    const warnings = await warningsOf(['299 - "a\tb"', `299 - "${'x'.repeat(9_000)}"`]);
    const [first, second = ''] = warnings ?? [];
    expect(first).toBe('a b');
    expect(Buffer.byteLength(second)).toBeLessThanOrEqual(1_000);
  });

  it('are none if the header is not a warning', async () => {
    expect(await warningsOf(['nonsense', '299 - "cut'])).toEqual([]);
  });
});
