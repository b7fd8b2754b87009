import { EcrTokenError } from '@ecr-anywhere/ecr-token';

/** Bytes of memory that a waiting review takes, without the texts of its outline (measured). */
const EACH = 8 * 1024;

/** A small review counts like one of ordinary size. So waiting reviews leave memory to other connections. */
const ORDINARY = EACH + 8 * 1024;

/** How many are answered in one turn of the event loop. As long as no more than these wait, nothing has to be limited. */
const FEW = 20;

/** Already aborted: `ask` gives the cached token at once, or fails at once. */
const AT_ONCE = AbortSignal.abort();

/** What a review waits under. */
export interface Place {
  /** If there is one, it ends the waiting. */
  readonly signal?: AbortSignal;
  /** The error that the writer gets to see in place of this one. */
  explain(this: void, error: EcrTokenError): EcrTokenError;
}

const UNCHANGED = (error: EcrTokenError) => error;

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
   * Takes a place until `ask` settles. A cached token comes at once, so such a review hardly takes a place. If all places are
   * taken, `ask` gets a signal that has been aborted already: a provider then gives its cached token, or throws `aborted`.
   *
   * @param held - bytes that the review holds: the texts of its outline, or the read buffer of its connection
   * @param onGone - a client that leaves gives its place up
   */
  async wait<T>(held: number, onGone: OnGone, ask: (place: Place) => Promise<T>): Promise<T> {
    const bytes = Math.max(EACH + held, ORDINARY);
    if (this.#bytes + bytes > this.most) return ask({ signal: AT_ONCE, explain: allTaken });
    this.#bytes += bytes;
    this.#count += 1;
    try {
      return await ask({ explain: UNCHANGED, ...(this.#count > FEW && { signal: signalOf(onGone) }) });
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
