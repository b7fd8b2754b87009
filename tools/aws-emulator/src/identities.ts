import { randomBytes } from 'node:crypto';

/** Milliseconds. */
export type Milliseconds = number;

/** An access key, as AWS hands them out. */
export interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** Whose keys they are. */
export interface Identity {
  readonly keys: AccessKeys;
  readonly arn: string;
  readonly userId: string;
}

/** Every identity that the emulator knows: one user, and the sessions that it has handed out. */
export class Identities {
  readonly #byKeyId = new Map<string, Identity>();
  readonly user: Identity;

  constructor(
    readonly account: string,
    private readonly clock: () => number,
  ) {
    this.user = {
      keys: { accessKeyId: keyId('AKIA'), secretAccessKey: secret() },
      arn: `arn:aws:iam::${account}:user/emulated`,
      userId: keyId('AIDA'),
    };
    this.add(this.user);
  }

  /** The identity of an access key id, expired or not. */
  find(accessKeyId: string): Identity | undefined {
    return this.#byKeyId.get(accessKeyId);
  }

  isExpired({ keys }: Identity): boolean {
    return keys.expiration !== undefined && keys.expiration.getTime() <= this.clock();
  }

  /** New keys for a session of a role. */
  session(roleArn: string, sessionName: string, lifetime: Milliseconds): Identity {
    const [, partition = 'aws', account = this.account, name = ''] =
      /^arn:([^:]+):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn) ?? [];
    const identity: Identity = {
      keys: {
        accessKeyId: keyId('ASIA'),
        secretAccessKey: secret(),
        sessionToken: randomBytes(256).toString('base64'),
        expiration: new Date(this.clock() + lifetime),
      },
      arn: `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName}`,
      userId: `${keyId('AROA')}:${sessionName}`,
    };
    return this.add(identity);
  }

  private add(identity: Identity): Identity {
    this.#byKeyId.set(identity.keys.accessKeyId, identity);
    return identity;
  }
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function keyId(prefix: string): string {
  return prefix + [...randomBytes(16)].map((byte) => ALPHABET[byte % 32]).join('');
}

function secret(): string {
  return randomBytes(30).toString('base64');
}
