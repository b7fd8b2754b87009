/** One request to the registry, as the log keeps it. Nothing secret. */
export interface RegistryRequest {
  /** RFC 3339, by the emulator's clock. */
  readonly at: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The registry that was meant. */
  readonly host: string;
  readonly status: number;
  /** Which of ECR's tokens it came with, as `tokenId` calls it; undefined for none, or for one that ECR never issued. */
  readonly token?: string | undefined;
}

/** As long as the log of calls. */
const LONGEST = 10_000;

/** What was asked of the registry: proof of a pull, and of the token that it was made with. */
export class RegistryLog {
  #lines: RegistryRequest[] = [];

  add(line: RegistryRequest): void {
    this.#lines.push(line);
    if (this.#lines.length > LONGEST) this.#lines.shift();
  }

  /** The requests since the last reset, oldest first; of very many only the newest. */
  lines(): readonly RegistryRequest[] {
    return [...this.#lines];
  }

  reset(): void {
    this.#lines = [];
  }
}
