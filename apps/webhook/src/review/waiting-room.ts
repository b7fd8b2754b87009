import { EcrTokenError, isEcrTokenError, type EcrTokenResult } from '@ecr-anywhere/ecr-token';

/** Bytes of memory that a waiting review takes, without the texts of its outline (measured). */
const EACH = 8 * 1024;

/** A small review counts like one of ordinary size. So waiting reviews leave memory to other connections. */
const ORDINARY = EACH + 8 * 1024;

/** How many are answered in one turn of the event loop. As long as no more than these wait, nothing has to be limited. */
const FEW = 20;

/** Already aborted: `ask` gives the cached token at once, or fails at once. */
const AT_ONCE = AbortSignal.abort();

/** Asks for a token. The signal, if there is one, ends the waiting. */
export type Ask = (limits: { signal?: AbortSignal }) => Promise<EcrTokenResult>;

/** Calls its listener when the client no longer waits for the answer. */
export type OnGone = (listener: () => void) => void;

/** Where reviews wait for AWS. If all places are taken, a review gets the cached token, or is refused at once. */
export class WaitingRoom {
  #bytes = 0;
  #count = 0;
  #answered = 0;
  #next: Promise<void> | undefined;

  /** @param most - bytes of memory: 16 KiB for a review of up to 8 KB, more for a larger one */
  constructor(readonly most: number) {}

  get count(): number {
    return this.#count;
  }

  /** Bytes of memory that the waiting reviews take. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a place until `ask` settles. A cached token comes at once, so such a review hardly takes a place.
   *
   * @param held - bytes that the review holds: the texts of its outline, or the read buffer of its connection
   * @param onGone - a client that leaves gives its place up
   * @throws EcrTokenError `aborted` if all places are taken and there is no cached token, or if the client is gone.
   */
  async wait(held: number, onGone: OnGone, ask: Ask): Promise<EcrTokenResult> {
    const bytes = Math.max(EACH + held, ORDINARY);
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

  /** Many reviews wait for one token. If all were answered at once, answers would take as much memory as the reviews. */
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

/** Explains an `aborted` that comes from too many waiting reviews. Any other error has its own explanation. */
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
