/** One call to AWS, as the log keeps it. Nothing secret. */
export interface LoggedCall {
  readonly operation: string;
  readonly callerArn?: string | undefined;
  /** Of the signature; undefined for a call that is not signed. */
  readonly region?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly externalId?: string | undefined;
  /** The code of the error that it was answered with. */
  readonly error?: string | undefined;
  /** The kind of the fault that struck it. */
  readonly fault?: string | undefined;
}

/** More than any test looks at; an emulator that runs for weeks must not grow. */
const LONGEST = 10_000;

/** What was asked of AWS. */
export class CallLog {
  #lines: LoggedCall[] = [];
  #counts = new Map<string, number>();

  add(line: LoggedCall): void {
    this.#counts.set(line.operation, (this.#counts.get(line.operation) ?? 0) + 1);
    this.#lines.push(line);
    if (this.#lines.length > LONGEST) this.#lines.shift();
  }

  /** Every call since the last reset, by operation. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  /** The calls since the last reset, oldest first; of very many only the newest. */
  lines(): readonly LoggedCall[] {
    return [...this.#lines];
  }

  reset(): void {
    this.#lines = [];
    this.#counts = new Map();
  }
}
