import { randomBytes } from 'node:crypto';
import type { Milliseconds } from './identities.ts';

/** A password for the registries of one account and region. */
export interface RegistryToken {
  readonly password: string;
  readonly expiresAt: Date;
}

/** The tokens that ECR has handed out, which is what the registry accepts. */
export class Tokens {
  readonly #issued = new Map<string, Date>();

  constructor(
    public lifetime: Milliseconds,
    private readonly clock: () => number,
  ) {}

  /** A new token; as long as a real one. */
  issue(lifetime = this.lifetime): RegistryToken {
    const token = {
      password: randomBytes(1_900).toString('base64'),
      expiresAt: new Date(Math.floor(this.clock() + lifetime)),
    };
    this.#issued.set(token.password, token.expiresAt);
    return token;
  }

  accepts(username: string, password: string): boolean {
    const expiresAt = this.#issued.get(password);
    return username === 'AWS' && expiresAt !== undefined && expiresAt.getTime() > this.clock();
  }
}
