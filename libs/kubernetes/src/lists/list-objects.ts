import type { ObjectMeta } from '@ecr-anywhere/secret-scan';
import type { ApiClient } from '../client/api-call.ts';
import { KubernetesError } from '../client/kubernetes-error.ts';
import { readMetadataList, type Expected } from './metadata-answer.ts';
import { SeenObjects } from './seen-objects.ts';

/** What is listed, and how. */
export interface Listing {
  readonly path: string;
  /** Of each object. */
  readonly expected: Expected;
  readonly selector: Readonly<Record<string, string>>;
  readonly pageSize: number;
  /** Called where an object may come a second time: more were seen than are remembered, and the list began anew. */
  readonly onRepeats?: (() => void) | undefined;
  readonly mostRemembered?: number;
}

/** About 10 MB of identities. */
export const MOST_REMEMBERED = 100_000;

/** How often a list may begin anew without getting further than before. */
const MOST_RESTARTS = 3;

/** All attempts together: with pages that live for minutes, hours. */
const MOST_ATTEMPTS = 20;

const MOST_USELESS_PAGES = 3;

/**
 * Lists objects, in whatever order the API server has them: over kine it is not that of their keys. Pages are fetched as
 * they are needed, smaller ones where one is too large to hold. A `continue` lives for minutes. After that the list begins
 * anew. What was really seen is passed over. The `continue` that the API server offers with its 410 is not taken: it goes
 * on behind a key, and so relies on their order.
 *
 * @throws KubernetesError where a page is none, or the pages have no end
 */
export async function* listObjects(call: ApiClient, listing: Listing): AsyncIterable<ObjectMeta> {
  const { path, onRepeats, mostRemembered = MOST_REMEMBERED } = listing;
  const seen = new SeenObjects(mostRemembered);
  let furthest = 0;
  let restarts = 0;
  for (let attempt = 0; attempt < MOST_ATTEMPTS && restarts <= MOST_RESTARTS; attempt++) {
    let count = 0;
    let knownPages = 0;
    let isExpired = false;
    for await (const page of pages(call, listing)) {
      isExpired = page === 'expired';
      if (page === 'expired') break;
      const { fresh, isKnown } = seen.take(page);
      if (seen.mayRepeat && fresh.length > 0) onRepeats?.();
      yield* fresh;
      count += page.length;
      // An empty page in between changes nothing.
      if (page.length > 0) knownPages = isKnown ? knownPages + 1 : 0;
      if (knownPages >= MOST_USELESS_PAGES)
        throw endless(path, `${MOST_USELESS_PAGES} pages in a row hold only what came before`);
    }
    if (!isExpired) return;
    restarts = count > furthest ? 1 : restarts + 1;
    furthest = Math.max(furthest, count);
    seen.beginAnew();
  }
  throw endless(path, 'its pages expire too soon');
}

/** The pages of one attempt. The last one is `expired` where the API server no longer knows the rest. */
async function* pages(
  call: ApiClient,
  { path, expected, selector, pageSize }: Listing,
): AsyncIterable<readonly ObjectMeta[] | 'expired'> {
  const isCircle = circleDetector();
  let token = '';
  let emptyPages = 0;
  let limit = pageSize;
  for (;;) {
    const query = new URLSearchParams({
      ...selector,
      limit: String(limit),
      ...(token && { continue: token }),
    });
    const answer = await call({
      method: 'GET',
      path: `${path}?${query}`,
      as: 'PartialObjectMetadataList',
    }).catch((error: unknown) => {
      // Annotations may have 256 KiB each.
      if (!(error instanceof KubernetesError) || error.failure !== 'too-large' || limit === 1) throw error;
      return undefined;
    });
    if (answer === undefined) {
      limit = Math.floor(limit / 2);
      continue;
    }
    if (answer.status === 410) {
      yield 'expired';
      return;
    }
    const { items, next } = readMetadataList(answer.body, path, expected);
    yield items;
    if (next === '') return;
    emptyPages = items.length === 0 ? emptyPages + 1 : 0;
    if (emptyPages >= MOST_USELESS_PAGES)
      throw endless(path, `${MOST_USELESS_PAGES} pages in a row hold nothing, and each names a next one`);
    if (next === token || isCircle(next))
      throw endless(path, 'a page names one as the next that came before');
    token = next;
  }
}

/**
 * Tells whether a row of tokens goes round in a circle. Remembers one of them, and after twice as many another one: so it
 * notices any circle within three rounds, without remembering all (Brent's algorithm).
 */
function circleDetector(): (token: string) => boolean {
  let remembered = '';
  let steps = 0;
  let most = 1;
  return (token) => {
    if (token === remembered) return true;
    if (++steps >= most) {
      remembered = token;
      steps = 0;
      most *= 2;
    }
    return false;
  };
}

function endless(path: string, why: string): KubernetesError {
  return new KubernetesError('unavailable', `the API server cannot list ${path}: ${why}`);
}
