import { KubernetesError, type NamedMetadata } from '@ecr-anywhere/kubernetes';
import { ANNOTATIONS, LABELS, OTHER_SETTINGS, WEBHOOK_NAME, type Outcome } from '@ecr-anywhere/secret-scan';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { exitCode } from '../report/exit-code.ts';
import { lastLine } from '../report/last-line.ts';
import { LeftSecrets, MOST_LEFT } from './left-secrets.ts';
import { refreshDueSecrets, type RunOptions } from './refresh-due-secrets.ts';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');
const HOUR = 3_600_000;

function secret(profile: string, name: string, hash: string, hours = 9, namespace = 'blue'): NamedMetadata {
  return {
    namespace,
    name,
    annotations: {
      [ANNOTATIONS.profile]: profile,
      [ANNOTATIONS.configHash]: hash,
      [ANNOTATIONS.updatedAt]: 'before',
      [ANNOTATIONS.expiresAt]: new Date(NOW + hours * HOUR).toISOString(),
      'large.example.com/of-somebody-else': 'x'.repeat(1_000),
    },
  };
}

const profileIn = ({ annotations }: NamedMetadata) => annotations?.[ANNOTATIONS.profile] ?? '';
const hashIn = ({ annotations }: NamedMetadata) => annotations?.[ANNOTATIONS.configHash];

describe('a run while the webhook has other settings', () => {
  /** What the replicas have, by profile, one after the other; the last one stays. */
  let replicas: Record<string, string>[];
  /** What the refresher expects. */
  let expected: Record<string, string>;
  let secrets: NamedMetadata[];
  let marked: string[];
  let reads: number;
  let outcomes: Map<string, Outcome>;
  let onRead: () => void;
  /** Namespaces that may use no profile, by the refresher's file. */
  let refusedByRefresher: Set<string>;

  beforeEach(() => {
    [marked, reads, outcomes, onRead] = [[], 0, new Map(), () => undefined];
    refusedByRefresher = new Set();
    expected = { a: 'new', b: 'same' };
    secrets = ['a1', 'a2', 'a3', 'a4'].map((name) => secret('a', name, 'old'));
  });

  const run = (changes: Partial<RunOptions> = {}) => {
    let count = 0;
    return refreshDueSecrets({
      cluster: {
        async *listEnabledNamespaces() {
          for (const name of ['blue', 'red']) yield { name, labels: { [LABELS.namespace]: 'enabled' } };
        },
        getNamespace: async () => undefined,
        async *listManagedSecrets() {
          yield* secrets;
        },
        async markSecret(asked) {
          marked.push(asked.name);
          const replica = replicas[marked.length - 1] ?? replicas.at(-1)!;
          const { namespace } = asked;
          const refusal = replica[namespace] ?? replica[`${namespace}/${asked.name}`];
          if (refusal !== undefined)
            throw new KubernetesError(
              'secret-at-fault',
              `admission webhook "${WEBHOOK_NAME}" denied the request: ${refusal}`,
            );
          const metadata = secret(profileIn(asked), asked.name, replica[profileIn(asked)]!, 12, namespace);
          const annotations = { ...metadata.annotations, [ANNOTATIONS.updatedAt]: `after ${++count}` };
          return { metadata: { ...metadata, annotations }, warnings: [] };
        },
      },
      namespaces: [],
      namespaceLabels: {},
      namespacesSetting: '--namespaces',
      concurrency: 1,
      dryRun: false,
      policy: {
        threshold: 6 * HOUR,
        expectedHash: (metadata) =>
          refusedByRefresher.has(metadata.namespace!)
            ? undefined
            : expected[profileIn(metadata as NamedMetadata)],
      },
      profiles: {
        nameOf: (metadata) => (refusedByRefresher.has(metadata.namespace) ? undefined : profileIn(metadata)),
        readAgain() {
          reads += 1;
          onRead();
        },
      },
      pauses: [0, 0, 0],
      clock: () => NOW,
      signal: new AbortController().signal,
      onOutcome: (outcome) => {
        expect(outcomes.has(outcome.name)).toBe(false); // each Secret has one outcome
        outcomes.set(outcome.name, outcome);
      },
      onWebhookCall: () => undefined,
      onNamespaceFailure: () => undefined,
      ...changes,
    });
  };
  const results = () => [...outcomes].map(([name, { result }]) => `${name} ${result}`).sort();
  const OLD = { a: 'old', b: 'same' };
  const NEW = { a: 'new', b: 'same' };

  it('leaves the profile after its first Secret, refreshes the others, and tries again at the end', async () => {
    replicas = [OLD, OLD, NEW];
    secrets.splice(1, 0, secret('b', 'b1', 'same', 2));
    const { summary } = await run();
    expect(marked).toEqual(['a1', 'b1', 'a1', 'a2', 'a3', 'a4']);
    expect(results()).toEqual(['a1', 'a2', 'a3', 'a4', 'b1'].map((name) => `${name} refreshed`));
    expect(summary).toMatchObject({ checked: 5, due: 5, refreshed: 5, failed: 0 });
    expect(reads).toBe(1);
  });

  it('goes on with two replicas that have different files, until both have the new one', async () => {
    replicas = [NEW, OLD, NEW, OLD, NEW];
    const { summary } = await run();
    expect(summary).toMatchObject({ checked: 4, refreshed: 4, failed: 0 });
    expect(results()).toEqual(['a1', 'a2', 'a3', 'a4'].map((name) => `${name} refreshed`));
    expect(marked.length).toBeLessThan(8);
  });

  it('is right if it was the refresher that had the old file: nothing is written twice', async () => {
    expected = { a: 'old', b: 'same' };
    secrets = [secret('a', 'a1', 'old', 2), secret('a', 'a2', 'old', 2), secret('a', 'a3', 'new')];
    replicas = [NEW];
    onRead = () => (expected = { a: 'new', b: 'same' });
    const { summary } = await run();
    expect(marked).toEqual(['a1', 'a2']);
    expect(results()).toEqual(['a1 refreshed', 'a2 refreshed', 'a3 fresh']);
    expect(summary).toMatchObject({ checked: 3, failed: 0 });
  });

  it('fails if the time is up, and has marked only one Secret each time', async () => {
    replicas = [OLD];
    const { summary } = await run();
    expect(marked).toEqual(['a1', 'a1', 'a1', 'a1']);
    expect(summary).toMatchObject({ checked: 4, due: 4, refreshed: 0, failed: 4 });
    for (const { message } of outcomes.values()) expect(message).toBe(OTHER_SETTINGS);
    expect(reads).toBe(3);
  });

  it('can leave only so many: it marks the others at once, and fails because of them', async () => {
    replicas = [OLD, OLD, OLD, NEW];
    secrets = Array.from({ length: MOST_LEFT + 2 }, (_, index) => secret('a', `a${index}`, 'old'));
    const result = await run();
    expect(marked.slice(0, 4)).toEqual(['a0', `a${MOST_LEFT}`, `a${MOST_LEFT + 1}`, 'a0']);
    expect(marked).toHaveLength(MOST_LEFT + 3);
    expect(result.summary).toMatchObject({ checked: MOST_LEFT + 2, refreshed: MOST_LEFT, failed: 2 });
    expect(lastLine(result)).toMatch(/^checked 10002, due 10002, refreshed 10000, failed 2; /);
    expect(lastLine(result)).toContain(`first failure: blue/a${MOST_LEFT}: ${OTHER_SETTINGS}`);
    expect(exitCode(result)).toBe(1);
  }, 60_000);

  it('still renews credentials that would end, although it fails', async () => {
    replicas = [OLD];
    secrets = [secret('a', 'a1', 'old'), secret('a', 'a2', 'old', 2), secret('a', 'a3', 'old')];
    const { summary } = await run();
    expect(marked.filter((name) => name !== 'a1')).toEqual(['a2']);
    expect(summary).toMatchObject({ failed: 3 });
  });

  it('ends at once with the run, and says which Secrets it did not reach', async () => {
    replicas = [OLD];
    const stop = new AbortController();
    const ended = run({ signal: stop.signal, pauses: [600_000] });
    setTimeout(() => stop.abort('SIGTERM'), 50);
    const { summary, stopped } = await ended;
    expect(stopped).toBe('SIGTERM');
    expect(summary).toMatchObject({ checked: 4, failed: 1, skipped: 3 });
  });

  describe('and refuses Secrets because of their profile', () => {
    const REFUSAL =
      'This namespace may not use the profile a of ECR Anywhere, or there is none of this name; it may use none: ask';
    const BLUE_REFUSED = { ...NEW, blue: REFUSAL };

    beforeEach(() => {
      secrets = [
        ...['a1', 'a2', 'a3'].map((name) => secret('a', name, 'new', 2)),
        secret('b', 'b1', 'same', 2),
        secret('a', 'red1', 'new', 2, 'red'),
      ];
      replicas = [BLUE_REFUSED];
    });
    const allRefreshed = ['a1', 'a2', 'a3', 'b1', 'red1'].map((name) => `${name} refreshed`);

    it('leaves those of the namespace and profile, and tries again until the webhook has the new file', async () => {
      replicas = [BLUE_REFUSED, NEW, NEW, BLUE_REFUSED, NEW];
      const { summary } = await run();
      expect(marked).toEqual(['a1', 'b1', 'red1', 'a1', 'a1', 'a2', 'a3']);
      expect(results()).toEqual(allRefreshed);
      expect(summary).toMatchObject({ checked: 5, refreshed: 5, failed: 0 });
    });

    it('does so with Secrets that were never filled', async () => {
      secrets = [{ namespace: 'blue', name: 'a1', annotations: { [ANNOTATIONS.profile]: 'a' } }];
      replicas = [BLUE_REFUSED, NEW];
      expect((await run()).summary).toMatchObject({ checked: 1, refreshed: 1 });
    });

    it('fails if the time is up, and says that the two have different profiles, and what the webhook says', async () => {
      secrets.push(secret('a', 'old', 'old'));
      const { summary } = await run();
      expect(results()).toEqual([
        'a1 failed',
        'a2 failed',
        'a3 failed',
        'b1 failed',
        'old failed',
        'red1 refreshed',
      ]);
      const { message, needsCorrection } = outcomes.get('a1')!;
      expect(message).toMatch(/^The webhook has other profiles than the refresher, .*PROFILES_FILE/);
      expect(message).toContain(REFUSAL);
      expect(needsCorrection).toBeUndefined();
      expect(outcomes.get('old')!.message).toBe(OTHER_SETTINGS);
      expect(summary).toMatchObject({ checked: 6, refreshed: 1, failed: 5 });
      expect(reads).toBe(3);
    });

    it('is their own fault at once if the file of the refresher refuses them too, read again', async () => {
      refusedByRefresher = new Set(['blue']);
      await run();
      expect(marked).toEqual(['a1', 'a2', 'a3', 'b1', 'red1']);
      for (const name of ['a1', 'a2', 'a3', 'b1'])
        expect(outcomes.get(name)).toMatchObject({ result: 'failed', needsCorrection: 'secret' });
      expect(reads).toBe(1);
    });

    it('tries again if it was the file of the refresher that was older, and refused them', async () => {
      refusedByRefresher = new Set(['blue']);
      onRead = () => (refusedByRefresher = new Set());
      replicas = [BLUE_REFUSED, NEW];
      await run();
      expect(results()).toEqual(allRefreshed);
    });

    it('is their own fault if the file of the refresher was older, and allowed them', async () => {
      onRead = () => (refusedByRefresher = new Set(['blue']));
      secrets = [...secrets.slice(0, 2), secret('a', 'old', 'old')];
      replicas = [{ ...BLUE_REFUSED, a: 'new' }];
      await run();
      expect(results()).toEqual(['a1 failed', 'a2 failed', 'old fresh']);
      expect(outcomes.get('a1')).toMatchObject({ needsCorrection: 'secret' });
    });

    it('leaves one whose hosts the webhook does not serve only if it was filled under the settings of the run', async () => {
      const refusal = 'ECR Anywhere gives no password for the host in the annotation; it serves eu-west-1';
      secrets = [secret('a', 'same', 'new', 2), secret('a', 'other', 'old', 2)];
      replicas = [
        { ...NEW, 'blue/same': refusal, 'blue/other': refusal },
        { ...NEW, 'blue/other': refusal },
      ];
      await run();
      expect(results()).toEqual(['other failed', 'same refreshed']);
      expect(outcomes.get('other')).toMatchObject({ needsCorrection: 'secret' });
    });

    it('leaves none that is refused for itself', async () => {
      replicas = [{ ...NEW, blue: 'A Secret managed by ECR Anywhere cannot have "immutable: true"' }];
      await run();
      expect(marked).toEqual(['a1', 'a2', 'a3', 'b1', 'red1']);
      expect(outcomes.get('a1')).toMatchObject({ result: 'failed', needsCorrection: 'secret' });
      expect(reads).toBe(0);
    });
  });

  it('tries a dry run again, if nothing is due', async () => {
    secrets = [secret('a', 'a1', 'new')];
    replicas = [OLD, NEW];
    expect((await run()).trial).toMatchObject({ result: 'passed' });
    [marked, outcomes] = [[], new Map()];
    replicas = [OLD];
    expect((await run()).trial).toMatchObject({ result: 'failed', message: OTHER_SETTINGS });
    expect(marked).toHaveLength(4);
  });
});

describe('the Secrets that a run leaves', () => {
  const left = () => new LeftSecrets(profileIn);

  it('hold no more of a Secret than its own annotations', () => {
    const one = left();
    const metadata = secret('a', 'a1', 'old');
    one.add({ metadata, due: 'expired', answer: { metadata, warnings: [] } });
    expect(JSON.stringify(one.take())).not.toContain('of-somebody-else');
  });

  it('are limited', () => {
    const many = left();
    const metadata = secret('a', 'a1', 'old');
    for (let count = 0; count < MOST_LEFT; count++)
      expect(many.add({ metadata, due: 'config-changed' })).toBe(true);
    expect(many.add({ metadata, due: 'config-changed' })).toBe(false);
    const [first] = many.take();
    expect(hashIn(first!.metadata)).toBe('old');
    expect(JSON.stringify(first).length).toBeLessThan(500);
  });
});
