/** A logged request to the registry. It has no secrets. */
export interface RegistryRequest {
  /** RFC 3339, by the emulator's clock. */
  readonly at: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The registry that was meant. */
  readonly host: string;
  readonly status: number;
  /** The `tokenId` of its token; undefined without a token, or if ECR did not issue it. */
  readonly token?: string | undefined;
}

/** The same limit as for the log of calls. */
const LONGEST = 10_000;

/** The requests to the registry. They prove a pull, and with which token. */
export class RegistryLog {
  #lines: RegistryRequest[] = [];

  add(line: RegistryRequest): void {
    this.#lines.push(line);
    if (this.#lines.length > LONGEST) this.#lines.shift();
  }

  /** The requests since the last reset, oldest first; at most the newest 10,000. */
  lines(): readonly RegistryRequest[] {
    return [...this.#lines];
  }

  reset(): void {
    this.#lines = [];
  }
}
