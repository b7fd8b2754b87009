import { inspect } from 'node:util';

/** What an {@link EcrToken} is made of. */
export interface EcrTokenInit {
  /** `AWS`. */
  readonly username: string;
  readonly password: string;
  /** Such as `eu-west-1`. */
  readonly region: string;
  /** When it was received, by AWS's clock where that is known. */
  readonly issuedAt: Date;
  /** When it ends, by AWS's clock. */
  readonly expiresAt: Date;
  /** The registry of the identity's own account, as a URL. */
  readonly proxyEndpoint?: string | undefined;
}

/**
 * A username and password for every private registry that one identity may reach in one region.
 * Printing one, as JSON, as a string or with `util.inspect`, never shows the password.
 */
export class EcrToken {
  /** Always `AWS`. */
  readonly username: string;
  /** The AWS region that the token belongs to; it opens no registry elsewhere. */
  readonly region: string;
  /** When this library received it, by the clock corrected for the offset that AWS's answers show. */
  readonly issuedAt: Date;
  /** When it ends, as AWS says. */
  readonly expiresAt: Date;
  /** The registry of the identity's own account, as a URL; ECR Public has none. */
  readonly proxyEndpoint?: string;
  readonly #password: string;

  constructor({ username, password, region, issuedAt, expiresAt, proxyEndpoint }: EcrTokenInit) {
    this.username = username;
    this.#password = password;
    this.region = region;
    this.issuedAt = issuedAt;
    this.expiresAt = expiresAt;
    if (proxyEndpoint !== undefined) this.proxyEndpoint = proxyEndpoint;
  }

  /** The password itself. A private field behind a getter, so that no printer finds it. */
  get password(): string {
    return this.#password;
  }

  toString(): string {
    return `EcrToken(${this.region}, until ${this.expiresAt.toISOString()}, password [redacted])`;
  }

  toJSON(): object {
    return { ...this, password: '[redacted]' };
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
