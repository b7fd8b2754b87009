import type { ApiClient } from '../client/api-call.ts';
import { KubernetesError } from '../client/kubernetes-error.ts';
import { readMetadataList, type Expected, type NamedMetadata } from './metadata-answer.ts';
import { SeenObjects } from './seen-objects.ts';

/** A list to request. */
export interface Listing {
  readonly path: string;
  /** What each object must be. */
  readonly expected: Expected;
  readonly selector: Readonly<Record<string, string>>;
  readonly pageSize: number;
  /** Called if an object may come a second time: the list started again, and not all objects could be remembered. */
  readonly onRepeats?: (() => void) | undefined;
  readonly mostRemembered?: number;
}

/** About 10 MB of identities. */
export const MOST_REMEMBERED = 100_000;

/** How often a list may start again without getting further than before. */
const MOST_RESTARTS = 3;

/** Of one list. Page tokens live for minutes, so this is enough for hours. */
const MOST_ATTEMPTS = 20;

const MOST_USELESS_PAGES = 3;

/**
 * Lists objects in the order of the API server. With kine this is not the order of their keys. A page is requested when it
 * is needed, and in smaller parts if it is too large. A `continue` token lives for minutes. After that the list starts again,
 * and skips the objects that it has given already. The API server offers a new token with its 410. It is not used, because it
 * continues after a key, and so depends on the order.
 *
 * @throws KubernetesError if a page cannot be read, or the list has no end
 */
export async function* listObjects(call: ApiClient, listing: Listing): AsyncIterable<NamedMetadata> {
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
      const { fresh, isKnown } = seen.add(page);
      if (seen.mayRepeat && fresh.length > 0) onRepeats?.();
      yield* fresh;
      count += page.length;
      // Empty pages are not counted here.
      if (page.length > 0) knownPages = isKnown ? knownPages + 1 : 0;
      if (knownPages >= MOST_USELESS_PAGES)
        throw listError(path, `${MOST_USELESS_PAGES} pages in a row contain only objects that came before`);
    }
    if (!isExpired) return;
    restarts = count > furthest ? 1 : restarts + 1;
    furthest = Math.max(furthest, count);
    seen.startAgain();
  }
  throw listError(path, 'its pages expire too soon');
}

/** The pages of one attempt. The last one is `expired` if the page token is too old. */
async function* pages(
  call: ApiClient,
  { path, expected, selector, pageSize }: Listing,
): AsyncIterable<readonly NamedMetadata[] | 'expired'> {
  const isRepeated = createLoopDetector();
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
      // A page may be that large: the annotations of one object may have 256 KiB.
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
      throw listError(path, `${MOST_USELESS_PAGES} pages in a row are empty, but are not the last one`);
    if (next === token || isRepeated(next)) throw listError(path, 'the page tokens repeat');
    token = next;
  }
}

/**
 * Detects that tokens repeat. It remembers one token, and replaces it after twice as many steps each time. So it detects any
 * loop within three rounds without remembering all tokens (Brent's algorithm).
 */
function createLoopDetector(): (token: string) => boolean {
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

function listError(path: string, why: string): KubernetesError {
  return new KubernetesError('unavailable', `the API server cannot list ${path}: ${why}`);
}
