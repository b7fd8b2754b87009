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

  /** Whether the list of Secrets, or that of one namespace, could not be read to its end, for another reason than that the run was told to end. */
  get listBrokeOff(): boolean {
    return this.#listFailure !== undefined;
  }

  /** All that led to it, and what was waited for in vain; undefined where there is nothing of that. */
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

  /** A page of the list could not be had, and there is nothing else to look at. */
  listFailed(error: KubernetesError): void {
    this.#noteWait(error);
    if (error.failure === 'cut-off') return;
    this.#isListOver = true;
    this.#listFailure ??= error.message;
  }

  /** One of the namespaces that were named was looked at to its end. */
  namespaceSeen(): void {
    this.#namespaceTimeouts = 0;
  }

  /** One of the namespaces that were named could not be looked at to its end. That says nothing of the next one. */
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
