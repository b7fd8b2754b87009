import { randomUUID } from 'node:crypto';
import { json, type Answer, type Call } from './http-message.ts';
import type { Identities, Identity } from './identities.ts';

const ROLE = 'emulated-instance';
const SESSION = 6 * 3_600_000;
/** Instances find new credentials at least five minutes before the old ones end. */
const OVERLAP = 5 * 60_000;
const LONGEST_TTL = 21_600;
const ROLES = '/latest/meta-data/iam/security-credentials';

/** Where containers and instances find their credentials. */
export class Metadata {
  /** What a container has to show (`AWS_CONTAINER_AUTHORIZATION_TOKEN`). */
  readonly containerToken = randomUUID();
  /** When each token of IMDSv2 ends. */
  readonly #tokens = new Map<string, number>();
  #identity: Identity | undefined;
  #issuedAt = 0;

  constructor(
    private readonly identities: Identities,
    private readonly region: string,
    private readonly clock: () => number,
  ) {}

  /** Undefined for a path that is not of metadata. */
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
    // IMDSv2: nothing without a session's token.
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

  /** The instance's session, the same for all who ask until it nears its end. */
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

/** As metadata writes times: without a fraction. */
function seconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
