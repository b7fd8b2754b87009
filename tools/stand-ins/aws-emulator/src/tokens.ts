import { createHash, randomBytes } from 'node:crypto';
import type { Milliseconds } from './identities.ts';

/** A password for the registry of one account in one region. */
export interface RegistryToken {
  readonly password: string;
  readonly expiresAt: Date;
  readonly account: string;
  readonly region: string;
}

/** The tokens that ECR has handed out, which is what the registry accepts. */
export class Tokens {
  readonly #issued = new Map<string, RegistryToken>();

  constructor(
    public lifetime: Milliseconds,
    private readonly clock: () => number,
  ) {}

  /** A new token; as long as a real one. */
  issue(account: string, region: string, lifetime = this.lifetime): RegistryToken {
    const token: RegistryToken = {
      password: randomBytes(1_900).toString('base64'),
      expiresAt: new Date(Math.floor(this.clock() + lifetime)),
      account,
      region,
    };
    this.#issued.set(token.password, token);
    return token;
  }

  /** The token with this password, ended or not. */
  find(username: string, password: string): RegistryToken | undefined {
    return username === 'AWS' ? this.#issued.get(password) : undefined;
  }

  isExpired({ expiresAt }: RegistryToken): boolean {
    return expiresAt.getTime() <= this.clock();
  }
}

/** A name for a token that does not give it away: the same for whoever has the password. */
export function tokenId(password: string): string {
  return createHash('sha256').update(password).digest('hex').slice(0, 16);
}
