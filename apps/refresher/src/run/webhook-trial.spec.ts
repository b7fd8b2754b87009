import { KubernetesError, type NamedMetadata } from '@ecr-anywhere/kubernetes';
import { ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { TrialCandidates, tryWebhook } from './webhook-trial.ts';

function filled(name: string): NamedMetadata {
  return { namespace: 'blue', name, annotations: { [ANNOTATIONS.updatedAt]: 'before' } };
}

/** Offers Secrets with these names. If a name begins with `other`, the namespace is not enabled. */
function offered(...names: string[]): TrialCandidates {
  const candidates = new TrialCandidates();
  for (const name of names) candidates.offer(filled(name), !name.startsWith('other'));
  return candidates;
}

/** The Secrets that are tried, in order. The API server answers to each that it is gone. */
async function triedOf(candidates: TrialCandidates): Promise<string[]> {
  const tried: string[] = [];
  const markSecret = async ({ name }: NamedMetadata) => {
    tried.push(name);
    throw new KubernetesError('not-found', 'gone');
  };
  const trial = await tryWebhook(
    { markSecret },
    candidates,
    { threshold: 1 },
    () => 0,
    () => undefined,
  );
  expect(trial).toEqual({ result: 'none' });
  return tried;
}

describe('the Secrets for a trial of the webhook', () => {
  it('are tried in the order of the list, three at most', async () => {
    expect(await triedOf(offered('b', 'd', 'a', 'c'))).toEqual(['b', 'd', 'a']);
  });

  it('are those of enabled namespaces if there are some: the others prove nothing', async () => {
    expect(await triedOf(offered('other1', 'other2', 'other3', 'b', 'other4', 'a'))).toEqual(['b', 'a']);
  });

  it('are those of other namespaces if there are no others', async () => {
    expect(await triedOf(offered('other2', 'other4', 'other1', 'other3'))).toEqual([
      'other2',
      'other4',
      'other1',
    ]);
  });

  it('were all filled before: the webhook may refuse others because of their type', async () => {
    const candidates = new TrialCandidates();
    for (const name of ['a', 'b', 'c']) candidates.offer({ namespace: 'blue', name }, true);
    candidates.offer(filled('d'), true);
    expect(await triedOf(candidates)).toEqual(['d']);
  });
});
