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

  /** A cluster with so many enabled namespaces, and one that is not. */
  const cluster = (count: number) => ({
    async *enabledNamespaces(): AsyncIterable<ObjectMeta> {
      for (; listed < count; listed++) yield { name: `n${listed}`, labels: LABELLED };
    },
    async namespace(name: string): Promise<ObjectMeta | undefined> {
      asked.push(name);
      if (name === 'gone') return undefined;
      return name === 'grey' ? { name } : { name, labels: LABELLED };
    },
  });

  const list = (kubernetes: ReturnType<typeof cluster>, most?: number) =>
    EnabledNamespaces.list(kubernetes, new AbortController().signal, most);

  it('are known by one list, as long as all can be remembered', async () => {
    const namespaces = await list(cluster(2), 2);
    expect(await namespaces.has('n0')).toBe(true);
    expect(await namespaces.has('n1')).toBe(true);
    expect(await namespaces.has('grey')).toBe(false);
    expect(asked).toEqual([]);
  });

  it('are asked for one by one where there are more: none is taken for one without the label', async () => {
    const namespaces = await list(cluster(3), 2);
    for (const name of ['n0', 'n1', 'n2']) expect(await namespaces.has(name)).toBe(true);
    for (const name of ['grey', 'gone']) expect(await namespaces.has(name)).toBe(false);
    expect(asked).toEqual(['n2', 'grey', 'gone']);
  });

  it('are asked for once where Secrets of one come in a row', async () => {
    const namespaces = await list(cluster(3), 2);
    for (const name of ['n2', 'n2', 'grey', 'grey', 'n2']) await namespaces.has(name);
    expect(asked).toEqual(['n2', 'grey', 'n2']);
  });

  it('are remembered up to a limit, however many there are', async () => {
    const namespaces = await list(cluster(10 * MOST_NAMESPACES));
    expect(listed).toBe(MOST_NAMESPACES);
    expect(await namespaces.has(`n${MOST_NAMESPACES - 1}`)).toBe(true);
    expect(asked).toEqual([]);
    expect(await namespaces.has(`n${MOST_NAMESPACES}`)).toBe(true);
    expect(asked).toEqual([`n${MOST_NAMESPACES}`]);
  });
});
