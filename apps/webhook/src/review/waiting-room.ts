import { EcrTokenError, isEcrTokenError, type EcrTokenResult } from '@ecr-anywhere/ecr-token';

/** What a review takes while it waits, in bytes of memory, without the texts that are kept of it (measured). */
const EACH = 8 * 1024;

/** No review counts for less than one of ordinary size, so that the waiting leave connections to others. */
const ORDINARY = EACH + 8 * 1024;

/** How many are answered in one turn of the event loop. As long as fewer wait, nothing has to be done about them. */
const FEW = 20;

/** Gives up at once: what is at hand comes all the same. */
const AT_ONCE = AbortSignal.abort();

/** Asks for a token; a signal that is given ends the waiting. */
export type Ask = (limits: { signal?: AbortSignal }) => Promise<EcrTokenResult>;

/** Calls its listener when nobody is there any more who would hear the answer. */
export type OnGone = (listener: () => void) => void;

/** Where reviews wait for AWS. A review that finds all places taken is given what is at hand, or told so at once. */
export class WaitingRoom {
  #bytes = 0;
  #count = 0;
  #answered = 0;
  #next: Promise<void> | undefined;

  /** @param most - bytes of memory; 16 KiB for each review of up to 8 KB, and more for a larger one */
  constructor(readonly most: number) {}

  /** How many reviews wait. */
  get count(): number {
    return this.#count;
  }

  /** What they take of the memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a place until `ask` has come to something. What is at hand comes before anything else can happen, so that it hardly
   * takes any.
   *
   * @param kept - bytes of the review that are kept: as texts, or in the buffer of its connection, which is not closed
   * @param onGone - gives its place to another
   * @throws EcrTokenError `aborted` where all places are taken and no token is at hand, or nobody is there any more.
   */
  async wait(kept: number, onGone: OnGone, ask: Ask): Promise<EcrTokenResult> {
    const bytes = Math.max(EACH + kept, ORDINARY);
    if (this.#bytes + bytes > this.most) return withoutWaiting(ask);
    this.#bytes += bytes;
    this.#count += 1;
    try {
      return await ask(this.#count > FEW ? { signal: signalOf(onGone) } : {});
    } finally {
      if (this.#count > FEW) await this.#turn();
      this.#bytes -= bytes;
      this.#count -= 1;
    }
  }

  /** Many wait for the same. Were all answered at once, answers would take as much memory again as the waiting. */
  async #turn(): Promise<void> {
    while (this.#answered === FEW) await (this.#next ??= this.#nextTurn());
    this.#answered += 1;
  }

  async #nextTurn(): Promise<void> {
    await new Promise(setImmediate);
    this.#answered = 0;
    this.#next = undefined;
  }
}

function signalOf(onGone: OnGone): AbortSignal {
  const controller = new AbortController();
  onGone(() => controller.abort());
  return controller.signal;
}

async function withoutWaiting(ask: Ask): Promise<EcrTokenResult> {
  try {
    const { token, stale } = await ask({ signal: AT_ONCE });
    return stale === undefined ? { token } : { token, stale: allTaken(stale) };
  } catch (error) {
    throw isEcrTokenError(error) ? allTaken(error) : error;
  }
}

/** Whatever else keeps a token away is told as it is. */
function allTaken(error: EcrTokenError): EcrTokenError {
  if (error.code !== 'aborted') return error;
  return new EcrTokenError({
    code: 'aborted',
    message: 'As many writes as the memory holds are waiting for AWS already',
    remedy:
      'try again in a minute; if this stays, AWS hangs, or somebody floods the webhook: see its log and metrics',
    cause: error,
  });
}
