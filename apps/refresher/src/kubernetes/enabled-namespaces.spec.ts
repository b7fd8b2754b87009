import { LABELS, type ObjectMeta } from '@ecr-anywhere/secret-scan';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { EnabledNamespaces, MOST_NAMESPACES } from './enabled-namespaces.ts';
import type { NamespaceLabels } from './installation.ts';

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
    async *listEnabledNamespaces() {
      for (; listed < count; listed++) yield { name: `n${listed}`, labels: labelsOf(`n${listed}`) };
    },
    async getNamespace(name: string): Promise<ObjectMeta | undefined> {
      asked.push(name);
      if (name === 'gone') return undefined;
      return name === 'grey' ? { name } : { name, labels: labelsOf(name) };
    },
  });
  /** Namespaces with an odd number are of team b, the others of team a. */
  const labelsOf = (name: string) => ({ ...LABELLED, team: Number(name.slice(1)) % 2 ? 'b' : 'a' });

  const list = (namespaces: ReturnType<typeof cluster>, most?: number, required: NamespaceLabels = {}) =>
    EnabledNamespaces.list(namespaces, required, new AbortController().signal, most);

  it('are known from one list if there are not too many to remember', async () => {
    const namespaces = await list(cluster(2), 2);
    expect(await namespaces.installationOf('n0')).toBe('this');
    expect(await namespaces.installationOf('n1')).toBe('this');
    expect(await namespaces.installationOf('grey')).toBe('none');
    expect(asked).toEqual([]);
  });

  it('are requested one by one if there are more, so that each is known', async () => {
    const namespaces = await list(cluster(3), 2);
    for (const name of ['n0', 'n1', 'n2']) expect(await namespaces.installationOf(name)).toBe('this');
    for (const name of ['grey', 'gone']) expect(await namespaces.installationOf(name)).toBe('none');
    expect(asked).toEqual(['n2', 'grey', 'gone']);
  });

  it('are requested once if several Secrets in a row are in the same one', async () => {
    const namespaces = await list(cluster(3), 2);
    for (const name of ['n2', 'n2', 'grey', 'grey', 'n2']) await namespaces.installationOf(name);
    expect(asked).toEqual(['n2', 'grey', 'n2']);
  });

  it('belong to another installation if they lack a label of this one, listed or requested', async () => {
    const namespaces = await list(cluster(4), 2, { team: 'b' });
    for (const name of ['n0', 'n2']) expect(await namespaces.installationOf(name)).toBe('another');
    for (const name of ['n1', 'n3']) expect(await namespaces.installationOf(name)).toBe('this');
    for (const name of ['grey', 'gone']) expect(await namespaces.installationOf(name)).toBe('none');
    expect(asked).toEqual(['n2', 'n3', 'grey', 'gone']);
  });

  it('are remembered up to a limit, with those of other installations', async () => {
    const namespaces = await list(cluster(10 * MOST_NAMESPACES), undefined, { team: 'a' });
    expect(listed).toBe(MOST_NAMESPACES);
    expect(await namespaces.installationOf(`n${MOST_NAMESPACES - 1}`)).toBe('another');
    expect(asked).toEqual([]);
    expect(await namespaces.installationOf(`n${MOST_NAMESPACES}`)).toBe('this');
    expect(asked).toEqual([`n${MOST_NAMESPACES}`]);
  });
});
