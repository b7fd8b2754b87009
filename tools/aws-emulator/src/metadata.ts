import { randomUUID } from 'node:crypto';
import { json, type Answer, type Call } from './http-message.ts';
import type { Identities } from './identities.ts';

const ROLE = 'emulated-instance';
const SESSION = 6 * 3_600_000;

/** Where containers and instances find their credentials. */
export class Metadata {
  /** What a container has to show (`AWS_CONTAINER_AUTHORIZATION_TOKEN`). */
  readonly containerToken = randomUUID();
  readonly #sessions = new Set<string>();

  constructor(
    private readonly identities: Identities,
    private readonly region: string,
    private readonly clock: () => number,
  ) {}

  /** Undefined for a path that is not of metadata. */
  answer({ method, url, headers }: Call): Answer | undefined {
    if (url.pathname === '/container-credentials') {
      if (headers.authorization !== this.containerToken) return json(401, { message: 'Unauthorized' });
      return json(200, this.credentials('Token'));
    }
    if (!url.pathname.startsWith('/latest/')) return undefined;
    if (url.pathname === '/latest/api/token') return this.startSession(method);
    // IMDSv2: nothing without a session's token.
    if (!this.#sessions.has(String(headers['x-aws-ec2-metadata-token']))) return { status: 401 };
    switch (url.pathname) {
      case '/latest/meta-data/iam/security-credentials/':
        return { status: 200, body: ROLE };
      case `/latest/meta-data/iam/security-credentials/${ROLE}`:
        return json(200, {
          Code: 'Success',
          Type: 'AWS-HMAC',
          LastUpdated: this.now(),
          ...this.credentials('Token'),
        });
      case '/latest/meta-data/placement/region':
        return { status: 200, body: this.region };
      default:
        return { status: 404 };
    }
  }

  private startSession(method: string): Answer {
    if (method !== 'PUT') return { status: 405 };
    const token = randomUUID();
    this.#sessions.add(token);
    return { status: 200, headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' }, body: token };
  }

  private credentials(tokenField: string) {
    const roleArn = `arn:aws:iam::${this.identities.account}:role/${ROLE}`;
    const { keys } = this.identities.session(roleArn, 'i-0123456789abcdef0', SESSION);
    return {
      AccessKeyId: keys.accessKeyId,
      SecretAccessKey: keys.secretAccessKey,
      [tokenField]: keys.sessionToken,
      Expiration: keys.expiration?.toISOString(),
    };
  }

  private now(): string {
    return new Date(this.clock()).toISOString();
  }
}
