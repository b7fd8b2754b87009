import { isRegistryHost } from '@ecr-anywhere/ecr-token';

/** A registry host that a Secret names. */
export interface NamedHost {
  /** In lower case, with a port if it has one. */
  readonly host: string;
  /** Where the Secret names it, for messages: such as `data.url`. */
  readonly from: string;
}

/** A URL in a Secret, and where it stands there. */
export interface NamedUrl {
  readonly url: string;
  readonly from: string;
  /** Whether a reader sends the password to every URL that begins with this one. */
  readonly isBeginning?: boolean;
}

/** No registry has a longer one. */
export const LONGEST_URL = 2_048;

/** The host ends at the first slash, and only `isRegistryHost` says what a host is: it has no user and no backslash. */
const URL_OF_A_REGISTRY = /^(?:oci:\/\/|https:\/\/)?([^/]+)(?:\/[\w.~:/+-]*)?$/;

/**
 * The registry host in a URL: with `oci://`, `https://` or no scheme, and with or without a port and a path.
 *
 * The host gets a password, so that every program has to read the same host in this URL. Anything that some program may read
 * in another way is refused.
 *
 * @returns undefined for any other text
 */
export function hostIn(url: string): string | undefined {
  if (url.length > LONGEST_URL) return undefined;
  const [, host = ''] = URL_OF_A_REGISTRY.exec(url) ?? [];
  return isRegistryHost(host) ? host.toLowerCase() : undefined;
}

/** Whether a URL goes on after its host. If it does not, other hosts may begin with it, such as `HOST.evil.example.com`. */
export function hasPath(url: string): boolean {
  return url.replace(/^[a-z]+:\/\//, '').includes('/');
}
