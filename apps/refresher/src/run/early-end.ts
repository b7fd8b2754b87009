import { KubernetesError } from '@ecr-anywhere/kubernetes';

/** With as many timeouts in a row, nobody will answer the rest either. */
const TIMEOUTS_IN_A_ROW = 5;

/** Whether a run ends before its end, and why. */
export class EarlyEnd {
  readonly #told: AbortSignal;
  #timeouts = 0;
  #namespaceTimeouts = 0;
  #hasTooManyTimeouts = false;
  #isListOver = false;
  #listFailure: string | undefined;
  #awaited: string | undefined;

  /** @param told - ends the run, and has its reason */
  constructor(told: AbortSignal) {
    this.#told = told;
  }

  /** Whether nothing more is to be begun. */
  get hasCome(): boolean {
    return this.#told.aborted || this.#hasTooManyTimeouts || this.#isListOver;
  }

  /** Whether a list of Secrets could not be read to its end. Not set where the run itself was told to end. */
  get listBrokeOff(): boolean {
    return this.#listFailure !== undefined;
  }

  /** All reasons for the end, and the request that was not answered; undefined if there are none. */
  get reason(): string | undefined {
    const reasons = [
      this.#hasTooManyTimeouts ? `${TIMEOUTS_IN_A_ROW} requests in a row timed out` : undefined,
      this.#told.aborted ? String(this.#told.reason) : undefined,
      this.#awaited,
      this.#listFailure && `the list broke off: ${this.#listFailure}`,
    ];
    return reasons.filter((reason) => reason !== undefined).join('; ') || undefined;
  }

  /** A mark was answered. */
  answered(): void {
    this.#timeouts = 0;
  }

  /** A mark came to nothing. */
  markFailed(error: KubernetesError): void {
    this.#noteWait(error);
    this.#timeouts = error.isTimeout ? this.#timeouts + 1 : 0;
    if (this.#timeouts >= TIMEOUTS_IN_A_ROW) this.#hasTooManyTimeouts = true;
  }

  /** A page of the list could not be read, and no other list is left. */
  listFailed(error: KubernetesError): void {
    this.#noteWait(error);
    if (error.failure === 'cut-off') return;
    this.#isListOver = true;
    this.#listFailure ??= error.message;
  }

  /** All Secrets of a named namespace were listed. */
  namespaceSeen(): void {
    this.#namespaceTimeouts = 0;
  }

  /** The Secrets of a named namespace could not be listed. The next namespace may still work. */
  namespaceFailed(namespace: string, { message, isTimeout }: KubernetesError): void {
    this.#listFailure ??= `namespace ${namespace}: ${message}`;
    this.#namespaceTimeouts = isTimeout ? this.#namespaceTimeouts + 1 : 0;
    if (this.#namespaceTimeouts >= TIMEOUTS_IN_A_ROW) this.#hasTooManyTimeouts = true;
  }

  /**
   * A dry run was cut off, which tells nothing of the webhook.
   *
   * @throws any other error
   */
  trialCutOff(error: unknown): undefined {
    if (!(error instanceof KubernetesError) || error.failure !== 'cut-off') throw error;
    this.#noteWait(error);
  }

  #noteWait({ failure, message }: KubernetesError): void {
    if (failure === 'cut-off') this.#awaited ??= message;
  }
}
