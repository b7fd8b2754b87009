import { annotation, ANNOTATIONS } from '@ecr-anywhere/secret-scan';
import { UNNAMED_HOST, type Consumer, type Wanted } from './consumer.ts';
import { hasPath, hostIn, type NamedHost, type NamedUrl } from './named-host.ts';
import type { Recipients } from './recipients.ts';
import { textOf, type Secret } from './secret.ts';

/** How one kind of Secret holds one user name and one password. */
export interface PasswordForm extends Pick<Consumer, 'needs' | 'takes'> {
  readonly userKey: string;
  readonly passwordKey: string;
}

/** The user name in every token of ECR. */
const USER = 'AWS';

/**
 * A kind of Secret with room for one password.
 *
 * @param recipientsOf - to whom readers of a Secret send its password, as far as the Secret says it
 */
export function userAndPassword(
  { needs, takes, userKey, passwordKey }: PasswordForm,
  recipientsOf: (secret: Secret) => Recipients,
): Consumer {
  const wants = (secret: Secret) => {
    const { urls, warnings } = recipientsOf(secret);
    return wantedOf([...urls, ...annotatedHost(secret)], warnings);
  };
  return {
    needs,
    takes,
    keys: [userKey, passwordKey],
    wants,
    write([grant]) {
      if (grant === undefined) throw new Error('A Secret with one password needs one credential');
      const { username, password } = grant.token;
      return { [userKey]: base64(username), [passwordKey]: base64(password) };
    },
    read(secret) {
      const wanted = wants(secret);
      const [username, password] = [textOf(secret, userKey), textOf(secret, passwordKey)];
      if (wanted.kind !== 'one-password' || username !== USER || !password)
        return { logins: new Map(), isOurForm: false };
      const host = wanted.hosts[0]?.host ?? UNNAMED_HOST;
      return { logins: new Map([[host, { username, password }]]), isOurForm: true };
    },
  };
}

const REGISTRY = `the annotation ${ANNOTATIONS.registry}`;

/** The host that the user's annotation names. It has no scheme and no path: it is a host, not a repository. */
function annotatedHost({ metadata }: Secret): readonly NamedUrl[] {
  const host = annotation(metadata, 'registry');
  if (host === undefined) return [];
  return [{ url: host.includes('/') ? '' : host, from: REGISTRY }];
}

function wantedOf(urls: readonly NamedUrl[], warnings: readonly string[]): Wanted {
  const hosts: NamedHost[] = [];
  for (const { url, from, isBeginning = false } of urls) {
    const host = hostIn(url);
    if (host === undefined) return { kind: 'refused', message: unreadable(from) };
    if (isBeginning && !hasPath(url)) return { kind: 'refused', message: openEnded(from) };
    hosts.push({ host, from });
  }
  return { kind: 'one-password', hosts, warnings };
}

function openEnded(from: string): string {
  return (
    `The password would go to every URL that begins with ${from}, and so to other hosts whose names begin with this host; ` +
    'write a slash after the host'
  );
}

/** The URL itself is not shown: it may have a password in it. */
function unreadable(from: string): string {
  const form =
    from === REGISTRY
      ? 'without a scheme and a path'
      : 'with "oci://", "https://" or nothing in front of it, and without a user, a query or spaces';
  return (
    `ECR Anywhere cannot read a registry host in ${from}; write a host such as ` +
    `111122223333.dkr.ecr.eu-west-1.amazonaws.com, ${form}`
  );
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
