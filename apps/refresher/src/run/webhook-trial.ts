import { KubernetesError } from '@ecr-anywhere/kubernetes';
import { judgeRefresh, wasFilled, type DuePolicy, type ObjectMeta } from '@ecr-anywhere/secret-scan';
import type { Kubernetes } from '../kubernetes/cluster.ts';
import { newMark } from './new-mark.ts';

/** What became of a dry run of a refresh. */
export type Trial =
  | { readonly result: 'passed'; readonly namespace: string; readonly name: string }
  | { readonly result: 'failed'; readonly namespace: string; readonly name: string; readonly message: string }
  /** There is no Secret with which it could be tried. */
  | { readonly result: 'none' };

/** Of Secrets that are gone by now, or that the webhook refuses for their own fault. */
const MOST_CANDIDATES = 3;

interface Candidate {
  readonly metadata: ObjectMeta;
  readonly isServed: boolean;
}

/** The Secrets with which a trial can be made: filled ones. Those of namespaces that are not enabled come last. */
export class TrialCandidates {
  readonly #served: Candidate[] = [];
  readonly #others: Candidate[] = [];

  offer(metadata: ObjectMeta, isServed: boolean): void {
    const candidates = isServed ? this.#served : this.#others;
    if (wasFilled(metadata) && candidates.length < MOST_CANDIDATES) candidates.push({ metadata, isServed });
  }

  get best(): readonly Candidate[] {
    return this.#served.length > 0 ? this.#served : this.#others;
  }
}

/**
 * Has a refresh carried out as a dry run, so that a webhook that is away, misconfigured or not called any more is noticed
 * hours before a Secret falls due.
 *
 * @throws {@link KubernetesError} where the run had to end before the answer
 */
export async function tryRefresh(
  kubernetes: Pick<Kubernetes, 'mark'>,
  candidates: TrialCandidates,
  policy: Omit<DuePolicy, 'now'>,
  clock: () => number,
): Promise<Trial> {
  for (const { metadata, isServed } of candidates.best) {
    const { namespace, name } = metadata;
    const secret = { namespace: namespace ?? '', name: name ?? '' };
    try {
      const mark = newMark(metadata, clock());
      const { metadata: after } = await kubernetes.mark(metadata, mark, { dryRun: true });
      // Without the warnings: nobody needs a newer token while the one at hand bridges.
      const { result, message = '' } = judgeRefresh(metadata, after, { ...policy, now: clock() });
      if (result === 'refreshed') return { result: 'passed', ...secret };
      // Where the namespace is not enabled, nobody expects the webhook to be called.
      if (isServed) return { result: 'failed', ...secret, message };
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      const { failure, message } = error;
      if (failure === 'cut-off') throw error;
      if (isServed && failure !== 'not-found' && failure !== 'secret-at-fault')
        return { result: 'failed', ...secret, message };
    }
  }
  return { result: 'none' };
}
