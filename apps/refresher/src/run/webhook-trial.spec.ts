import { KubernetesError } from '@ecr-anywhere/kubernetes';
import { ANNOTATIONS, type ObjectMeta } from '@ecr-anywhere/secret-scan';
import { describe, expect, it } from '@jest/globals';
import { TrialCandidates, tryRefresh } from './webhook-trial.ts';

function filled(name: string): ObjectMeta {
  return { namespace: 'blue', name, annotations: { [ANNOTATIONS.updatedAt]: 'before' } };
}

/** Offers Secrets by their names; those of namespaces that are not enabled begin with `other`. */
function offered(...names: string[]): TrialCandidates {
  const candidates = new TrialCandidates();
  for (const name of names) candidates.offer(filled(name), !name.startsWith('other'));
  return candidates;
}

/** Which Secrets are tried, in which order, while each of them is gone. */
async function triedOf(candidates: TrialCandidates): Promise<string[]> {
  const tried: string[] = [];
  const mark = async ({ name }: ObjectMeta) => {
    tried.push(name ?? '');
    throw new KubernetesError('not-found', 'gone');
  };
  expect(await tryRefresh({ mark }, candidates, { threshold: 1 }, () => 0)).toEqual({ result: 'none' });
  return tried;
}

describe('the Secrets with which a dry run is tried', () => {
  it('are tried in the order in which they were seen, three at most', async () => {
    expect(await triedOf(offered('b', 'd', 'a', 'c'))).toEqual(['b', 'd', 'a']);
  });

  it('are those of enabled namespaces alone, whenever they were seen: others would prove nothing', async () => {
    expect(await triedOf(offered('other1', 'other2', 'other3', 'b', 'other4', 'a'))).toEqual(['b', 'a']);
  });

  it('are those of other namespaces where there is none, in the order in which they were seen', async () => {
    expect(await triedOf(offered('other2', 'other4', 'other1', 'other3'))).toEqual([
      'other2',
      'other4',
      'other1',
    ]);
  });

  it('were filled once, all of them: on another the webhook may have nothing to say', async () => {
    const candidates = new TrialCandidates();
    for (const name of ['a', 'b', 'c']) candidates.offer({ namespace: 'blue', name }, true);
    candidates.offer(filled('d'), true);
    expect(await triedOf(candidates)).toEqual(['d']);
  });
});
