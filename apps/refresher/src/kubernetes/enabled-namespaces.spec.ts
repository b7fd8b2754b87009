import { LABELS, type ObjectMeta } from '@ecr-anywhere/secret-scan';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { EnabledNamespaces, MOST_NAMESPACES } from './enabled-namespaces.ts';

const LABELLED = { [LABELS.namespace]: 'enabled' };

describe('the enabled namespaces', () => {
  let listed: number;
  let asked: string[];

  beforeEach(() => {
    listed = 0;
    asked = [];
  });

  /** A cluster with `count` enabled namespaces, and the namespace `grey`, which is not enabled. */
  const cluster = (count: number) => ({
    async *listEnabledNamespaces(): AsyncIterable<{ name: string }> {
      for (; listed < count; listed++) yield { name: `n${listed}` };
    },
    async getNamespace(name: string): Promise<ObjectMeta | undefined> {
      asked.push(name);
      if (name === 'gone') return undefined;
      return name === 'grey' ? { name } : { name, labels: LABELLED };
    },
  });

  const list = (namespaces: ReturnType<typeof cluster>, most?: number) =>
    EnabledNamespaces.list(namespaces, new AbortController().signal, most);

  it('are known from one list if there are not too many to remember', async () => {
    const namespaces = await list(cluster(2), 2);
    expect(await namespaces.has('n0')).toBe(true);
    expect(await namespaces.has('n1')).toBe(true);
    expect(await namespaces.has('grey')).toBe(false);
    expect(asked).toEqual([]);
  });

  it('are requested one by one if there are more, so that each is known', async () => {
    const namespaces = await list(cluster(3), 2);
    for (const name of ['n0', 'n1', 'n2']) expect(await namespaces.has(name)).toBe(true);
    for (const name of ['grey', 'gone']) expect(await namespaces.has(name)).toBe(false);
    expect(asked).toEqual(['n2', 'grey', 'gone']);
  });

  it('are requested once if several Secrets in a row are in the same one', async () => {
    const namespaces = await list(cluster(3), 2);
    for (const name of ['n2', 'n2', 'grey', 'grey', 'n2']) await namespaces.has(name);
    expect(asked).toEqual(['n2', 'grey', 'n2']);
  });

  it('are remembered up to a limit', async () => {
    const namespaces = await list(cluster(10 * MOST_NAMESPACES));
    expect(listed).toBe(MOST_NAMESPACES);
    expect(await namespaces.has(`n${MOST_NAMESPACES - 1}`)).toBe(true);
    expect(asked).toEqual([]);
    expect(await namespaces.has(`n${MOST_NAMESPACES}`)).toBe(true);
    expect(asked).toEqual([`n${MOST_NAMESPACES}`]);
  });
});
