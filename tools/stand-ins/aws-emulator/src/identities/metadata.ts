import { randomUUID } from 'node:crypto';
import { json, type Answer, type Call } from '../http/http-message.ts';
import type { Identities, Identity } from './identities.ts';

const ROLE = 'emulated-instance';
const SESSION = 6 * 3_600_000;
/** Instances get new credentials at least five minutes before the old ones expire. */
const OVERLAP = 5 * 60_000;
const LONGEST_TTL = 21_600;
const ROLES = '/latest/meta-data/iam/security-credentials';

/** The credentials endpoints of containers and instances. */
export class Metadata {
  /** The token that a container must send (`AWS_CONTAINER_AUTHORIZATION_TOKEN`). */
  readonly containerToken = randomUUID();
  /** The expiry of each IMDSv2 token. */
  readonly #tokens = new Map<string, number>();
  #identity: Identity | undefined;
  #issuedAt = 0;

  constructor(
    private readonly identities: Identities,
    private readonly region: string,
    private readonly clock: () => number,
  ) {}

  /** @returns undefined if the path is not a metadata path */
  answer({ method, url, headers }: Call): Answer | undefined {
    if (url.pathname === '/container-credentials') {
      if (headers.authorization !== this.containerToken) return json(401, { message: 'Unauthorized' });
      return json(200, { RoleArn: this.roleArn(), ...this.credentials() });
    }
    if (!url.pathname.startsWith('/latest/')) return undefined;
    if (url.pathname === '/latest/api/token') {
      return method === 'PUT'
        ? this.startSession(Number(headers['x-aws-ec2-metadata-token-ttl-seconds']))
        : { status: 405 };
    }
    // IMDSv2 requires a session token.
    const ends = this.#tokens.get(String(headers['x-aws-ec2-metadata-token']));
    if (ends === undefined || ends <= this.clock()) return { status: 401 };
    return this.data(url.pathname);
  }

  private data(pathname: string): Answer {
    switch (pathname) {
      case ROLES:
      case `${ROLES}/`:
        return plain(ROLE);
      case `${ROLES}/${ROLE}`:
        return json(200, { Code: 'Success', Type: 'AWS-HMAC', ...this.credentials() });
      case '/latest/meta-data/placement/region':
        return plain(this.region);
      default:
        return { status: 404 };
    }
  }

  private startSession(ttl: number): Answer {
    if (!Number.isInteger(ttl) || ttl < 1 || ttl > LONGEST_TTL) return { status: 400 };
    const token = randomUUID();
    this.#tokens.set(token, this.clock() + ttl * 1000);
    return plain(token, { 'x-aws-ec2-metadata-token-ttl-seconds': String(ttl) });
  }

  private credentials() {
    const { keys } = this.current();
    return {
      LastUpdated: seconds(this.#issuedAt),
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
      Token: keys.sessionToken,
      Expiration: keys.expiration && seconds(keys.expiration.getTime()),
    };
  }

  /** The session of the instance. It is renewed shortly before it expires. */
  private current(): Identity {
    const now = this.clock();
    if (this.#identity === undefined || now > this.#issuedAt + SESSION - OVERLAP) {
      this.#identity = this.identities.session(this.roleArn(), 'i-0123456789abcdef0', SESSION);
      this.#issuedAt = now;
    }
    return this.#identity;
  }

  private roleArn(): string {
    return `arn:aws:iam::${this.identities.account}:role/${ROLE}`;
  }
}

function plain(body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': 'text/plain', ...headers }, body };
}

/** A time in the format of the metadata service: without a fraction. */
function seconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
