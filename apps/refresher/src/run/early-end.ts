import { KubernetesError } from '@ecr-anywhere/kubernetes';

/** After so many timeouts in a row, the rest would time out too. */
const TIMEOUTS_IN_A_ROW = 5;

/** Decides whether a run ends early, and says why. */
export class EarlyEnd {
  readonly #signal: AbortSignal;
  #timeouts = 0;
  #namespaceTimeouts = 0;
  #hasTooManyTimeouts = false;
  #isListOver = false;
  #listFailure: string | undefined;
  #unanswered: string | undefined;

  /** @param signal - ends the run; its reason is one of the reasons for the end */
  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Whether the run must begin nothing more. */
  get hasCome(): boolean {
    return this.#signal.aborted || this.#hasTooManyTimeouts || this.#isListOver;
  }

  /** Whether a list of Secrets is incomplete because of an error. False if only the signal ended it. */
  get listBrokeOff(): boolean {
    return this.#listFailure !== undefined;
  }

  /** All reasons for the end, and the request that was not answered; undefined if there are none. */
  get reason(): string | undefined {
    const reasons = [
      this.#hasTooManyTimeouts ? `${TIMEOUTS_IN_A_ROW} requests in a row timed out` : undefined,
      this.#signal.aborted ? String(this.#signal.reason) : undefined,
      this.#unanswered,
      this.#listFailure && `the list broke off: ${this.#listFailure}`,
    ];
    return reasons.filter((reason) => reason !== undefined).join('; ') || undefined;
  }

  /** A Secret was marked. */
  noteMark(): void {
    this.#timeouts = 0;
  }

  /** A Secret could not be marked. */
  noteMarkFailure(error: KubernetesError): void {
    this.noteUnanswered(error);
    this.#timeouts = error.isTimeout ? this.#timeouts + 1 : 0;
    if (this.#timeouts >= TIMEOUTS_IN_A_ROW) this.#hasTooManyTimeouts = true;
  }

  /** A page could not be listed, and there is no other list. */
  noteListFailure(error: KubernetesError): void {
    this.noteUnanswered(error);
    if (error.failure === 'cut-off') return;
    this.#isListOver = true;
    this.#listFailure ??= error.message;
  }

  /** All Secrets of a named namespace were listed. */
  noteNamespace(): void {
    this.#namespaceTimeouts = 0;
  }

  /** The Secrets of a named namespace could not be listed. Those of the next one may still be. */
  noteNamespaceFailure(namespace: string, { message, isTimeout }: KubernetesError): void {
    this.#listFailure ??= `namespace ${namespace}: ${message}`;
    this.#namespaceTimeouts = isTimeout ? this.#namespaceTimeouts + 1 : 0;
    if (this.#namespaceTimeouts >= TIMEOUTS_IN_A_ROW) this.#hasTooManyTimeouts = true;
  }

  /** The program has to end before a request is answered. Other errors are not noted here. */
  noteUnanswered({ failure, message }: KubernetesError): void {
    if (failure === 'cut-off') this.#unanswered ??= message;
  }
}
