import { inspect } from 'node:util';

/** What an {@link EcrToken} is made of. */
export interface EcrTokenInit {
  /** `AWS`. */
  readonly username: string;
  readonly password: string;
  /** Such as `eu-west-1`. */
  readonly region: string;
  /** When it was received, by AWS's clock if that is known. */
  readonly issuedAt: Date;
  /** When it expires, by AWS's clock. */
  readonly expiresAt: Date;
  /** The registry of the identity's own account, as a URL. */
  readonly proxyEndpoint?: string | undefined;
}

/**
 * A username and password for all private registries that one identity may reach in one region. Printing a token as
 * JSON, as a string or with `util.inspect` does not show the password.
 */
export class EcrToken {
  /** Always `AWS`. */
  readonly username: string;
  /** The AWS region of the token. It opens no registry in another region. */
  readonly region: string;
  /** When this library received it, by AWS's clock if an answer has told it, otherwise by this machine's. */
  readonly issuedAt: Date;
  /** When it expires, as AWS says. */
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

  /** A getter over a private field, so that printing a token does not find it. */
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
