/** A logged call to AWS. It has no secrets. */
export interface LoggedCall {
  readonly operation: string;
  readonly callerArn?: string | undefined;
  /** From the signature; undefined for a call that is not signed. */
  readonly region?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly externalId?: string | undefined;
  /** The error code of the answer. */
  readonly error?: string | undefined;
  /** The kind of the fault that applied. */
  readonly fault?: string | undefined;
}

/** A limit, because an emulator can run for weeks. */
const LONGEST = 10_000;

/** The calls to AWS. */
export class CallLog {
  #lines: LoggedCall[] = [];
  #counts = new Map<string, number>();

  add(line: LoggedCall): void {
    this.#counts.set(line.operation, (this.#counts.get(line.operation) ?? 0) + 1);
    this.#lines.push(line);
    if (this.#lines.length > LONGEST) this.#lines.shift();
  }

  /** The number of calls since the last reset, by operation. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  /** The calls since the last reset, oldest first; at most the newest 10,000. */
  lines(): readonly LoggedCall[] {
    return [...this.#lines];
  }

  reset(): void {
    this.#lines = [];
    this.#counts = new Map();
  }
}
