import { createHash, randomBytes } from 'node:crypto';
import type { Milliseconds } from '../milliseconds.ts';

/** An access key of a user or of a session. */
export interface AccessKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

/** The owner of an access key. */
export interface Identity {
  readonly keys: AccessKeys;
  readonly arn: string;
  readonly userId: string;
}

/** The identities that the emulator knows: one user, and the sessions that it has issued. */
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
      userId: uniqueId('AIDA', `${account}:emulated`),
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

  /**
   * New keys for a session of a role.
   *
   * @throws TypeError if it is not the ARN of a role
   */
  session(roleArn: string, sessionName: string, lifetime: Milliseconds): Identity {
    const [, partition, account, name] = ROLE_ARN.exec(roleArn) ?? [];
    if (name === undefined) throw new TypeError(`Not a role: ${roleArn}`);
    const identity: Identity = {
      keys: {
        accessKeyId: keyId('ASIA'),
        secretAccessKey: secret(),
        sessionToken: randomBytes(256).toString('base64'),
        expiration: new Date(this.clock() + lifetime),
      },
      arn: `arn:${partition}:sts::${account}:assumed-role/${name}/${sessionName}`,
      userId: `${uniqueId('AROA', roleArn)}:${sessionName}`,
    };
    return this.add(identity);
  }

  private add(identity: Identity): Identity {
    this.#byKeyId.set(identity.keys.accessKeyId, identity);
    return identity;
  }
}

const ROLE_ARN = /^arn:(aws[a-z-]*):iam::(\d{12}):role\/(?:[\w+=,.@/-]*\/)?([\w+=,.@-]+)$/;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Whether a text is the ARN of a role. */
export function isRoleArn(text: string): boolean {
  return ROLE_ARN.test(text);
}

/** An access key id: 20 characters. */
function keyId(prefix: string): string {
  return prefix + letters(randomBytes(16));
}

/** The id of a user or role: 21 characters, always the same for the same ARN. */
function uniqueId(prefix: string, seed: string): string {
  return prefix + letters(createHash('sha256').update(seed).digest().subarray(0, 17));
}

function letters(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ALPHABET[byte % 32]).join('');
}

function secret(): string {
  return randomBytes(30).toString('base64');
}
