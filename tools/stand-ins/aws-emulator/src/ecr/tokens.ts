import { createHash, randomBytes } from 'node:crypto';
import type { Milliseconds } from '../milliseconds.ts';

/** An ECR token: the password for the registry of one account in one region. */
export interface RegistryToken {
  readonly password: string;
  readonly expiresAt: Date;
  readonly account: string;
  readonly region: string;
}

/** The tokens that ECR has issued. The registry accepts them. */
export class Tokens {
  readonly #issued = new Map<string, RegistryToken>();

  constructor(
    public lifetime: Milliseconds,
    private readonly clock: () => number,
  ) {}

  /** Issues a token. It has the length of a real one. */
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

  /** The token with this password, expired or not. */
  find(username: string, password: string): RegistryToken | undefined {
    return username === 'AWS' ? this.#issued.get(password) : undefined;
  }

  isExpired({ expiresAt }: RegistryToken): boolean {
    return expiresAt.getTime() <= this.clock();
  }
}

/** An id of a token that does not reveal it. Anyone with the password can compute it. */
export function tokenId(password: string): string {
  return createHash('sha256').update(password).digest('hex').slice(0, 16);
}
