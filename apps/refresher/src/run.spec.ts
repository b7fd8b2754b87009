import { ANNOTATIONS, LABELS, summaryLine, type ObjectMeta, type Outcome } from '@ecr-anywhere/secret-scan';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { KubernetesError, type Kubernetes } from './kubernetes.ts';
import { run, type RunOptions } from './run.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const HOUR = 3_600_000;

function secret(namespace: string, name: string, hours?: number, more: Partial<ObjectMeta> = {}): ObjectMeta {
  return {
    namespace,
    name,
    ...(hours !== undefined && {
      annotations: {
        [ANNOTATIONS.expiresAt]: new Date(NOW + hours * HOUR).toISOString(),
        [ANNOTATIONS.updatedAt]: 'before',
      },
    }),
    ...more,
  };
}

/** A cluster in memory, with a webhook that refreshes whatever is marked. */
class Double implements Kubernetes {
  namespaces = new Map([['blue', { [LABELS.namespace]: 'enabled' }]]) as Map<string, Record<string, string>>;
  secrets: ObjectMeta[] = [];
  marked: string[] = [];
  asked: string[] = [];
  marks: string[] = [];
  listed = 0;
  underWay = 0;
  mostUnderWay = 0;
  onMark: (secret: ObjectMeta) => void = () => undefined;

  async *enabledNamespaces(): AsyncIterable<ObjectMeta> {
    for (const [name, labels] of this.namespaces) if (LABELS.namespace in labels) yield { name };
  }

  async namespace(name: string) {
    const labels = this.namespaces.get(name);
    return labels && { name, labels };
  }

  async *managedSecrets(namespace?: string) {
    for (const found of this.secrets) {
      if (namespace !== undefined && found.namespace !== namespace) continue;
      this.listed += 1;
      yield found;
    }
  }

  async mark(asked: ObjectMeta, mark: string): Promise<ObjectMeta> {
    this.marks.push(mark);
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    await new Promise((passed) => setImmediate(passed));
    this.underWay -= 1;
    this.asked.push(asked.name ?? '');
    this.onMark(asked);
    this.marked.push(`${asked.namespace}/${asked.name}`);
    return secret(asked.namespace ?? '', asked.name ?? '', 12, {
      annotations: {
        [ANNOTATIONS.expiresAt]: new Date(NOW + 12 * HOUR).toISOString(),
        [ANNOTATIONS.updatedAt]: 'after',
      },
    });
  }
}

describe('a run', () => {
  let cluster: Double;
  let outcomes: Outcome[];

  beforeEach(() => {
    cluster = new Double();
    outcomes = [];
  });

  const runWith = (changes: Partial<RunOptions> = {}) =>
    run({
      kubernetes: cluster,
      namespaces: [],
      concurrency: 3,
      dryRun: false,
      policy: { threshold: 6 * HOUR },
      clock: () => NOW,
      signal: new AbortController().signal,
      onOutcome: (outcome) => outcomes.push(outcome),
      ...changes,
    });

  it('marks what is due, and nothing else', async () => {
    cluster.secrets = [secret('blue', 'a', 2), secret('blue', 'b', 9), secret('blue', 'c')];
    const { summary, stopped } = await runWith();
    expect(cluster.marked.sort()).toEqual(['blue/a', 'blue/c']);
    expect(summaryLine(summary)).toBe('checked 3, due 2, refreshed 2, failed 0');
    expect(stopped).toBeUndefined();
  });

  it('marks with the time, and with another one where that stands there already', async () => {
    const annotations = { [ANNOTATIONS.markedForUpdateAt]: new Date(NOW).toISOString() };
    cluster.secrets = [secret('blue', 'a'), secret('blue', 'b', undefined, { annotations })];
    await runWith({ concurrency: 1 });
    expect(cluster.marks).toEqual([new Date(NOW).toISOString(), new Date(NOW + 1).toISOString()]);
  });

  it('tells of a Secret that is due and was not reached', async () => {
    const stop = new AbortController();
    cluster.managedSecrets = async function* () {
      yield secret('blue', 'a', 2);
      stop.abort('SIGTERM');
      yield secret('blue', 'b', 2);
    };
    const { summary } = await runWith({ signal: stop.signal });
    expect(summary).toMatchObject({ refreshed: 1, skipped: 1 });
    expect(outcomes).toContainEqual(expect.objectContaining({ name: 'b', result: 'skipped' }));
  });

  it('marks nothing in a dry run', async () => {
    cluster.secrets = [secret('blue', 'a', 2)];
    await runWith({ dryRun: true });
    expect(cluster.marked).toEqual([]);
    expect(outcomes).toMatchObject([{ name: 'a', result: 'planned', due: 'expires-soon' }]);
  });

  it('leaves namespaces alone that are not enabled, but for what dies in them', async () => {
    cluster.namespaces.set('grey', {});
    cluster.secrets = [
      secret('grey', 'never-ours'),
      secret('grey', 'still-good', 9),
      secret('grey', 'dying', 2),
    ];
    const { summary } = await runWith();
    expect(cluster.marked).toEqual([]);
    expect(summary).toMatchObject({ checked: 2, failed: 1, firstFailure: { name: 'dying' } });
  });

  it('looks into named namespaces only, and fails for one that is not there', async () => {
    cluster.namespaces.set('red', { [LABELS.namespace]: 'enabled' });
    cluster.secrets = [secret('blue', 'a', 2), secret('red', 'b', 2)];
    const { summary } = await runWith({ namespaces: ['gone', 'red'] });
    expect(cluster.marked).toEqual(['red/b']);
    expect(summaryLine(summary)).toBe(
      'checked 2, due 2, refreshed 1, failed 1; first failure: gone/*: there is no such namespace; correct NAMESPACES',
    );
  });

  it('goes on to the others where it has no rights in one of the namespaces that were named', async () => {
    cluster.namespaces.set('red', { [LABELS.namespace]: 'enabled' });
    cluster.secrets = [secret('blue', 'a', 2), secret('red', 'b', 2)];
    const { namespace } = cluster;
    cluster.namespace = async (name) => {
      if (name === 'gone') throw new KubernetesError('forbidden', 'namespaces "gone" is forbidden');
      return namespace.call(cluster, name);
    };
    const { summary, stopped } = await runWith({ namespaces: ['blue', 'gone', 'red'] });
    expect(cluster.marked.sort()).toEqual(['blue/a', 'red/b']);
    expect(stopped).toBeUndefined();
    expect(summary).toMatchObject({
      refreshed: 2,
      failed: 1,
      firstFailure: { namespace: 'gone', message: expect.stringContaining('take it out of NAMESPACES') },
    });
  });

  it('ends where the API server does not answer for one of them', async () => {
    cluster.secrets = [secret('blue', 'a', 2)];
    cluster.namespace = async () => {
      throw new KubernetesError('unavailable', 'no answer');
    };
    await expect(runWith({ namespaces: ['blue', 'red'] })).rejects.toThrow('no answer');
  });

  it('goes on after a failure, and tells the first one', async () => {
    cluster.secrets = [secret('blue', 'a', 2), secret('blue', 'b', 2)];
    cluster.onMark = ({ name }) => {
      if (name === 'a') throw new KubernetesError('webhook-refused', 'no token could be had');
    };
    const { summary } = await runWith();
    expect(summary).toMatchObject({
      refreshed: 1,
      failed: 1,
      firstFailure: { name: 'a', message: 'no token could be had' },
    });
  });

  it('takes a Secret that is deleted meanwhile, or is being deleted, for no failure', async () => {
    cluster.secrets = [
      secret('blue', 'a', 2),
      secret('blue', 'b', 2, { deletionTimestamp: '2026-01-02T03:04:05Z' }),
    ];
    cluster.onMark = () => {
      throw new KubernetesError('not-found', 'secrets "a" not found');
    };
    const { summary } = await runWith();
    expect(summaryLine(summary)).toBe('checked 2, due 0, refreshed 0, failed 0');
    expect(cluster.asked).toEqual(['a']); // the other one is not even tried: its write would go through untouched
  });

  it('has a bounded number under way, and lists no further than there is room', async () => {
    cluster.secrets = Array.from({ length: 1_000 }, (_, index) => secret('blue', `s${index}`, 2));
    let mostAhead = 0;
    cluster.onMark = () => void (mostAhead = Math.max(mostAhead, cluster.listed - cluster.marked.length));
    await runWith();
    expect(cluster.marked).toHaveLength(1_000);
    expect(cluster.mostUnderWay).toBe(3);
    expect(mostAhead).toBeLessThanOrEqual(4);
  });

  it('stops after five timeouts in a row, and says so', async () => {
    cluster.secrets = Array.from({ length: 100 }, (_, index) => secret('blue', `s${index}`, 2));
    cluster.onMark = () => {
      throw new KubernetesError('webhook-failed', 'context deadline exceeded', true);
    };
    const { summary, stopped } = await runWith({ concurrency: 1 });
    expect(stopped).toBe('5 requests in a row timed out');
    expect(summary.failed).toBe(5);
  });

  it('does not stop for timeouts between successes', async () => {
    cluster.secrets = Array.from({ length: 20 }, (_, index) => secret('blue', `s${index}`, 2));
    cluster.onMark = ({ name }) => {
      if (Number(name?.slice(1)) % 5 !== 0)
        throw new KubernetesError('webhook-failed', 'context deadline exceeded', true);
    };
    expect((await runWith({ concurrency: 1 })).stopped).toBeUndefined();
  });

  it('finishes what is under way when it is told to end, begins nothing more, and says why', async () => {
    cluster.secrets = Array.from({ length: 100 }, (_, index) => secret('blue', `s${index}`, 2));
    const stop = new AbortController();
    cluster.onMark = () => {
      if (cluster.marked.length === 10) stop.abort('SIGTERM');
    };
    const { summary, stopped } = await runWith({ signal: stop.signal });
    expect(stopped).toBe('SIGTERM');
    expect(summary.refreshed).toBe(cluster.marked.length);
    expect(summary.refreshed).toBeLessThan(20);
  });

  it('tells what it has done when the list breaks off, and finishes what is under way', async () => {
    cluster.managedSecrets = async function* () {
      yield secret('blue', 'a', 2);
      yield secret('blue', 'b', 2);
      throw new KubernetesError('unavailable', 'etcdserver: request timed out');
    };
    const { summary, stopped } = await runWith();
    expect(summaryLine(summary)).toBe('checked 2, due 2, refreshed 2, failed 0');
    expect(stopped).toBe('the list broke off: etcdserver: request timed out');
  });

  it('says why it was told to end, also where that cut its list off', async () => {
    const stop = new AbortController();
    cluster.managedSecrets = async function* () {
      yield secret('blue', 'a', 2);
      stop.abort('SIGTERM');
      throw new KubernetesError('unavailable', 'the API server could not be asked: SIGTERM');
    };
    expect(await runWith({ signal: stop.signal })).toMatchObject({
      stopped: 'SIGTERM',
      summary: { refreshed: 1 },
    });
  });

  it('cannot be made where the cluster cannot be listed', async () => {
    const forbidden = new KubernetesError('forbidden', 'namespaces is forbidden');
    cluster.enabledNamespaces = () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(forbidden) }),
    });
    await expect(runWith()).rejects.toThrow('namespaces is forbidden');
  });
});
